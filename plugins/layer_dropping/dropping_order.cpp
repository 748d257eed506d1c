#include "dropping_order.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace prumux::layer_dropping {
namespace {

constexpr double kRoundingSlack = 1e-9;

/// Share of a layer's parameters that is in its attention block.
double attention_share(const EncoderConfig& encoder) {
  const UnitCosts costs = UnitCosts::of(encoder);
  const auto attention = static_cast<double>(encoder.num_attention_heads * costs.head);
  return attention / (attention + static_cast<double>(costs.mlp));
}

std::vector<std::int64_t> alternate(std::int64_t num_layers) {
  std::vector<std::int64_t> order;
  for (const std::int64_t first : {num_layers - 2, num_layers - 1}) {
    for (std::int64_t layer = first; layer >= 0; layer -= 2) order.push_back(layer);
  }
  return order;
}

}  // namespace

std::vector<std::int64_t> dropping_order(const std::string& strategy, std::int64_t num_layers) {
  if (strategy == "alternate") return alternate(num_layers);
  std::vector<std::int64_t> order(static_cast<std::size_t>(num_layers));
  std::iota(order.begin(), order.end(), 0);
  if (strategy == "top") std::reverse(order.begin(), order.end());
  if (strategy == "symmetric") {
    std::stable_sort(order.begin(), order.end(), [num_layers](std::int64_t a, std::int64_t b) {
      return std::abs(2 * a - (num_layers - 1)) < std::abs(2 * b - (num_layers - 1));
    });
  }
  return order;
}

StructureMasks drop_layers(const std::vector<std::int64_t>& order, const EncoderConfig& encoder,
                           double sparsity) {
  const auto layers = static_cast<std::int64_t>(order.size());
  StructureMasks masks;
  masks.head_layer = at::ones({layers});
  masks.mlp = at::ones({layers});
  const double wanted = sparsity * static_cast<double>(layers);
  const auto whole =
      std::min(static_cast<std::size_t>(std::floor(wanted + kRoundingSlack)), order.size());
  for (std::size_t index = 0; index < whole; ++index) {
    masks.head_layer[order[index]] = 0.0;
    masks.mlp[order[index]] = 0.0;
  }
  if (whole == order.size()) return masks;
  const double rest = wanted - static_cast<double>(whole);
  const double attention = attention_share(encoder);
  const double shares[] = {0.0, attention, 1.0 - attention, 1.0};
  const auto* nearest = std::min_element(
      std::begin(shares), std::end(shares),
      [rest](double a, double b) { return std::abs(a - rest) < std::abs(b - rest); });
  const auto parts = nearest - std::begin(shares);
  if (parts == 1 || parts == 3) masks.head_layer[order[whole]] = 0.0;
  if (parts == 2 || parts == 3) masks.mlp[order[whole]] = 0.0;
  return masks;
}

}  // namespace prumux::layer_dropping

#include "hard_concrete.h"

#include <ATen/ATen.h>

#include <cmath>

namespace prumux::cofi::hard_concrete {
namespace {

constexpr double kStretchLow = -0.1;
constexpr double kStretchHigh = 1.1;
constexpr double kEpsilon = 1e-6;
constexpr double kEvaluationFactor = 0.8;

}  // namespace

at::Tensor keep_probability(const at::Tensor& log_alpha, double temperature) {
  const double zero_threshold = std::log(-kStretchLow / kStretchHigh) * temperature;
  return 1 - at::sigmoid(zero_threshold - log_alpha).clamp(kEpsilon, 1 - kEpsilon);
}

at::Tensor uniform_noise(const at::Tensor& log_alpha) {
  return at::empty_like(log_alpha.detach()).uniform_(kEpsilon, 1 - kEpsilon);
}

at::Tensor sample(const at::Tensor& log_alpha, const at::Tensor& noise, double temperature) {
  const at::Tensor logistic = noise.log() - (1 - noise).log();
  const at::Tensor relaxed = at::sigmoid((logistic + log_alpha) / temperature);
  return (relaxed * (kStretchHigh - kStretchLow) + kStretchLow).clamp(0, 1);
}

std::vector<std::int64_t> expected_removals(const at::Tensor& log_alpha, double temperature) {
  const auto units = static_cast<double>(log_alpha.size(1));
  const at::Tensor kept =
      keep_probability(log_alpha.detach(), temperature).sum(1).to(at::kCPU, at::kDouble);
  std::vector<std::int64_t> removals;
  for (std::int64_t row = 0; row < kept.size(0); ++row) {
    const double expected = units - kept.const_data_ptr<double>()[row];
    removals.push_back(static_cast<std::int64_t>(std::nearbyint(expected)));
  }
  return removals;
}

at::Tensor ranked_mask(const at::Tensor& log_alpha, const std::vector<std::int64_t>& removals,
                       double temperature) {
  const at::Tensor values = log_alpha.detach();
  const at::Tensor order = at::argsort(values, /*stable=*/true);
  const at::Tensor ranks = at::argsort(order, /*stable=*/true);
  const at::Tensor removed = at::tensor(removals, ranks.options()).unsqueeze(1);
  return at::sigmoid(values / temperature * kEvaluationFactor).masked_fill(ranks < removed, 0);
}

}  // namespace prumux::cofi::hard_concrete

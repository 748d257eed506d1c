#include "prumux/structure.h"

#include <ATen/ATen.h>

#include <numeric>
#include <sstream>
#include <utility>

#include "prumux/error.h"

namespace prumux {
namespace {

void check_shape(const at::Tensor& mask, const char* name, at::IntArrayRef expected) {
  if (!mask.defined() || mask.sizes() == expected) return;
  std::ostringstream message;
  message << "mask '" << name << "' has shape " << mask.sizes() << ", expected " << expected
          << " for this encoder";
  throw DataError(message.str());
}

using KeptUnits = std::pair<std::vector<std::int64_t>, std::vector<double>>;

KeptUnits kept_units(const at::Tensor& mask, std::int64_t count) {
  KeptUnits kept;
  if (!mask.defined()) {
    kept.first.resize(static_cast<std::size_t>(count));
    std::iota(kept.first.begin(), kept.first.end(), 0);
    kept.second.assign(static_cast<std::size_t>(count), 1.0);
    return kept;
  }
  const at::Tensor values = mask.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* data = values.data_ptr<double>();
  for (std::int64_t unit = 0; unit < count; ++unit) {
    if (data[unit] == 0.0) continue;
    kept.first.push_back(unit);
    kept.second.push_back(data[unit]);
  }
  return kept;
}

at::Tensor row(const at::Tensor& mask, std::int64_t layer) {
  return mask.defined() ? mask[layer] : mask;
}

double scalar(const at::Tensor& mask, std::int64_t layer) {
  return mask.defined() ? mask[layer].item<double>() : 1.0;
}

}  // namespace

PRUMUX_EXPORT bool StructureMasks::empty() const {
  return !head.defined() && !head_layer.defined() && !intermediate.defined() && !mlp.defined() &&
         !hidden.defined();
}

void StructureMasks::check(const EncoderConfig& encoder) const {
  const std::int64_t layers = encoder.num_hidden_layers;
  check_shape(head, "head_z", {layers, encoder.num_attention_heads});
  check_shape(head_layer, "head_layer_z", {layers});
  check_shape(intermediate, "intermediate_z", {layers, encoder.intermediate_size});
  check_shape(mlp, "mlp_z", {layers});
  check_shape(hidden, "hidden_z", {encoder.hidden_size});
}

PrunePlan PrunePlan::from_masks(const StructureMasks& masks, const EncoderConfig& encoder) {
  masks.check(encoder);
  PrunePlan plan;
  for (std::int64_t layer = 0; layer < encoder.num_hidden_layers; ++layer) {
    LayerPlan part;
    part.attention_scale = scalar(masks.head_layer, layer);
    part.attention_present = part.attention_scale != 0.0;
    if (part.attention_present) {
      std::tie(part.heads, part.head_scales) =
          kept_units(row(masks.head, layer), encoder.num_attention_heads);
    }
    part.mlp_scale = scalar(masks.mlp, layer);
    part.mlp_present = part.mlp_scale != 0.0;
    if (part.mlp_present) {
      std::tie(part.intermediate, part.intermediate_scales) =
          kept_units(row(masks.intermediate, layer), encoder.intermediate_size);
    }
    plan.layers.push_back(std::move(part));
  }
  std::tie(plan.hidden, plan.hidden_scales) = kept_units(masks.hidden, encoder.hidden_size);
  if (plan.hidden.empty()) {
    throw DataError("mask 'hidden_z' removes every hidden dimension; at least one must be kept");
  }
  return plan;
}

UnitCosts UnitCosts::of(const EncoderConfig& encoder) {
  const std::int64_t hidden = encoder.hidden_size;
  const std::int64_t heads = encoder.num_attention_heads;
  UnitCosts costs{};
  costs.head = (4 * hidden * hidden + 4 * hidden) / heads;
  costs.mlp = 2 * hidden * encoder.intermediate_size + hidden + encoder.intermediate_size;
  costs.prunable = encoder.num_hidden_layers * (heads * costs.head + costs.mlp);
  return costs;
}

bool is_block_parameter(const std::string& name) {
  return name.find("encoder.layer.") != std::string::npos &&
         name.find("LayerNorm") == std::string::npos;
}

}  // namespace prumux

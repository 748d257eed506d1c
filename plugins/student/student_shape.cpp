#include "student_shape.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "prumux/error.h"

namespace prumux::student {
namespace {

std::vector<std::int64_t> evenly_spaced(std::int64_t count, std::int64_t all) {
  std::vector<std::int64_t> layers;
  for (std::int64_t layer = 1; layer <= count; ++layer) {
    layers.push_back((layer * all + count - 1) / count - 1);
  }
  return layers;
}

std::int64_t rounded(double value, std::int64_t most) {
  return std::clamp<std::int64_t>(std::llround(value), 1, most);
}

/// 1 for the `kept` columns of `weight` [out, units * size] with the largest sums of squares.
at::Tensor largest_units(const at::Tensor& weight, std::int64_t units, std::int64_t kept) {
  const at::Tensor power = weight.detach().square().sum(0).view({units, -1}).sum(1);
  const at::Tensor order = at::argsort(power, /*stable=*/true, 0, /*descending=*/true);
  return at::zeros({units}, power.options()).index_fill_(0, order.narrow(0, 0, kept), 1.0);
}

at::Tensor output_weight(const NamedTensors& parameters, std::int64_t layer,
                         const std::string& name) {
  const std::string end = "encoder.layer." + std::to_string(layer) + "." + name + ".weight";
  for (const auto& [full, tensor] : parameters) {
    if (full.ends_with(end)) return tensor;
  }
  throw DataError("student finds no parameter '" + end + "' in the model");
}

}  // namespace

StudentShape StudentShape::of(const EncoderConfig& encoder, double sparsity,
                              std::int64_t num_layers) {
  const std::int64_t all = encoder.num_hidden_layers;
  if (num_layers > all) {
    throw ConfigError("layers " + std::to_string(num_layers) + " - expected at most the " +
                      std::to_string(all) + " layers of the model");
  }
  const double kept = 1.0 - sparsity;
  const std::int64_t count =
      num_layers > 0 ? num_layers
                     : rounded(std::ceil(static_cast<double>(all) * std::sqrt(kept) - 1e-9), all);
  const UnitCosts costs = UnitCosts::of(encoder);
  const auto layer_size = static_cast<double>(encoder.num_attention_heads * costs.head + costs.mlp);
  const double budget =
      std::min(kept * static_cast<double>(all) / static_cast<double>(count), 1.0) * layer_size;
  const auto intermediate_cost =
      static_cast<double>(costs.mlp) / static_cast<double>(encoder.intermediate_size);
  StudentShape shape;
  shape.layers = evenly_spaced(count, all);
  shape.heads = rounded(budget / layer_size * static_cast<double>(encoder.num_attention_heads),
                        encoder.num_attention_heads);
  const double rest = budget - static_cast<double>(shape.heads * costs.head);
  shape.intermediate = rounded(rest / intermediate_cost, encoder.intermediate_size);
  return shape;
}

StructureMasks student_masks(const StudentShape& shape, const ModelView& model) {
  const EncoderConfig& encoder = model.encoder();
  const NamedTensors parameters = model.parameters();
  const std::int64_t layers = encoder.num_hidden_layers;
  const at::TensorOptions options =
      at::device(output_weight(parameters, 0, "output.dense").device()).dtype(at::kFloat);
  StructureMasks masks;
  masks.head = at::zeros({layers, encoder.num_attention_heads}, options);
  masks.head_layer = at::zeros({layers}, options);
  masks.intermediate = at::zeros({layers, encoder.intermediate_size}, options);
  masks.mlp = at::zeros({layers}, options);
  for (const std::int64_t layer : shape.layers) {
    masks.head[layer].copy_(
        largest_units(output_weight(parameters, layer, "attention.output.dense"),
                      encoder.num_attention_heads, shape.heads));
    masks.intermediate[layer].copy_(largest_units(output_weight(parameters, layer, "output.dense"),
                                                  encoder.intermediate_size, shape.intermediate));
    masks.head_layer[layer] = 1.0;
    masks.mlp[layer] = 1.0;
  }
  return masks;
}

}  // namespace prumux::student

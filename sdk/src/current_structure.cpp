#include "prumux/current_structure.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>

#include "prumux/error.h"

namespace prumux {
namespace {

/// A parameter of an encoder layer.
struct LayerParameter {
  std::size_t layer = 0;
  std::string_view name;  ///< Without the layer's prefix.
};

std::optional<LayerParameter> layer_parameter(std::string_view name) {
  constexpr std::string_view kMarker = "encoder.layer.";
  const std::size_t marker = name.find(kMarker);
  if (marker == std::string_view::npos) return std::nullopt;
  name.remove_prefix(marker + kMarker.size());
  LayerParameter parameter;
  const auto number = std::from_chars(name.data(), name.data() + name.size(), parameter.layer);
  name.remove_prefix(static_cast<std::size_t>(number.ptr - name.data()));
  if (number.ec != std::errc{} || !name.starts_with('.')) return std::nullopt;
  parameter.name = name.substr(1);
  return parameter;
}

void keep_all(std::int64_t count, std::vector<std::int64_t>& units, std::vector<double>& scales) {
  units.resize(static_cast<std::size_t>(count));
  std::iota(units.begin(), units.end(), 0);
  scales.assign(units.size(), 1.0);
}

}  // namespace

CurrentStructure CurrentStructure::of(const ModelView& model) {
  const EncoderConfig& encoder = model.encoder();
  CurrentStructure structure;
  structure.layers.resize(static_cast<std::size_t>(encoder.num_hidden_layers));
  structure.hidden = encoder.hidden_size;
  for (const auto& [name, tensor] : model.parameters()) {
    const std::optional<LayerParameter> parameter = layer_parameter(name);
    if (!parameter || parameter->layer >= structure.layers.size()) continue;
    Layer& layer = structure.layers[parameter->layer];
    structure.factorised = structure.factorised || parameter->name.ends_with(kReductionSuffix);
    if (parameter->name == "attention.self.query.weight") {
      layer.attention = true;
      layer.heads = tensor.size(0) / encoder.head_size();
    } else if (parameter->name == "intermediate.dense.weight") {
      layer.mlp = true;
      layer.intermediate = tensor.size(0);
    } else if (parameter->name == "attention.output.dense.weight" ||
               parameter->name == "output.dense.weight") {
      structure.hidden = tensor.size(0);
    }
  }
  return structure;
}

bool CurrentStructure::dense(const EncoderConfig& encoder) const {
  return !factorised && hidden == encoder.hidden_size &&
         std::all_of(layers.begin(), layers.end(), [&encoder](const Layer& layer) {
           return layer.heads == encoder.num_attention_heads &&
                  layer.intermediate == encoder.intermediate_size;
         });
}

PrunePlan CurrentStructure::plan() const {
  PrunePlan plan;
  for (const Layer& layer : layers) {
    LayerPlan part;
    part.attention_present = layer.attention;
    part.mlp_present = layer.mlp;
    keep_all(layer.heads, part.heads, part.head_scales);
    keep_all(layer.intermediate, part.intermediate, part.intermediate_scales);
    plan.layers.push_back(part);
  }
  keep_all(hidden, plan.hidden, plan.hidden_scales);
  return plan;
}

void require_dense(const ModelView& model, const std::string& method) {
  if (CurrentStructure::of(model).dense(model.encoder())) return;
  throw DataError(
      method +
      " prunes dense models, but this model has fewer heads, intermediate or hidden dimensions "
      "than its config.json tells, or factorised weights: it is pruned already. Start from the "
      "model before it was pruned");
}

}  // namespace prumux

#include "magnitude.h"

#include <ATen/ATen.h>

#include <string_view>
#include <vector>

#include "prumux/error.h"

namespace prumux::magnitude {
namespace {

constexpr std::string_view kLayers = "encoder.layer.";

/// The matrices of a layer that read the hidden states, and those that write them.
constexpr const char* kReading[] = {"attention.self.query", "attention.self.key",
                                    "attention.self.value", "intermediate.dense"};
constexpr const char* kWriting[] = {"attention.output.dense", "output.dense"};

}  // namespace

Magnitude::Magnitude(const CompressorArguments& arguments)
    : ScorePruning("magnitude", ScorePruningOptions::from(arguments.parameters)),
      squared_(arguments.parameters.string("norm") == "l2") {}

void Magnitude::begin(const ModelView& model) {
  encoder_ = model.encoder();
  layers_.clear();
  for (const auto& [name, tensor] : model.parameters()) {
    const std::size_t marker = name.find(kLayers);
    if (marker != std::string::npos) layers_[name.substr(marker + kLayers.size())] = tensor;
  }
}

at::Tensor Magnitude::power(std::int64_t layer, const std::string& name) const {
  const auto found = layers_.find(std::to_string(layer) + "." + name);
  if (found == layers_.end()) {
    throw DataError("magnitude finds no parameter '" + name + "' in layer " +
                    std::to_string(layer) + " of the model");
  }
  const at::Tensor weight = found->second.detach();
  return squared_ ? weight.square() : weight.abs();
}

StructureScores Magnitude::scores() {
  std::vector<at::Tensor> heads, intermediates;
  at::Tensor hidden = at::zeros({encoder_.hidden_size}, layers_.begin()->second.options());
  for (std::int64_t layer = 0; layer < encoder_.num_hidden_layers; ++layer) {
    const auto rows = [&](const std::string& name) {
      return power(layer, name + ".weight").sum(1) + power(layer, name + ".bias");
    };
    const auto columns = [&](const std::string& name) {
      return power(layer, name + ".weight").sum(0);
    };
    const at::Tensor context = rows("attention.self.query") + rows("attention.self.key") +
                               rows("attention.self.value") + columns("attention.output.dense");
    heads.push_back(context.view({encoder_.num_attention_heads, -1}).sum(1));
    intermediates.push_back(rows("intermediate.dense") + columns("output.dense"));
    for (const char* name : kReading) hidden = hidden + columns(name);
    for (const char* name : kWriting) hidden = hidden + rows(name);
  }
  return {at::stack(heads), at::stack(intermediates), hidden};
}

}  // namespace prumux::magnitude

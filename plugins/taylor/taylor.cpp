#include "taylor.h"

#include <ATen/ATen.h>

namespace prumux::taylor {

Taylor::Taylor(const CompressorArguments& arguments)
    : ScorePruning("taylor", ScorePruningOptions::from(arguments.parameters)),
      memory_(arguments.parameters.real("memory")) {}

void Taylor::begin(const ModelView& model) {
  const EncoderConfig& encoder = model.encoder();
  const std::int64_t layers = encoder.num_hidden_layers;
  importance_ = {at::zeros({layers, encoder.num_attention_heads}),
                 at::zeros({layers, encoder.intermediate_size}), at::zeros({encoder.hidden_size})};
}

void Taylor::observe(const StructureScores& gradients) {
  const auto average = [this](const at::Tensor& importance, const at::Tensor& gradient) {
    if (gradient.defined()) {
      importance.mul_(memory_).add_(gradient.abs().to(at::kCPU), 1.0 - memory_);
    }
  };
  average(importance_.head, gradients.head);
  average(importance_.intermediate, gradients.intermediate);
  average(importance_.hidden, gradients.hidden);
}

NamedTensors Taylor::score_state() const {
  return {{"importance.head", importance_.head},
          {"importance.intermediate", importance_.intermediate},
          {"importance.hidden", importance_.hidden}};
}

}  // namespace prumux::taylor

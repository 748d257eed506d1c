#include "movement.h"

#include <ATen/ATen.h>

namespace prumux::movement {

Movement::Movement(const CompressorArguments& arguments)
    : ScorePruning("movement", ScorePruningOptions::from(arguments.parameters)) {}

void Movement::begin(const ModelView& model) {
  const EncoderConfig& encoder = model.encoder();
  const std::int64_t layers = encoder.num_hidden_layers;
  movement_ = {at::zeros({layers, encoder.num_attention_heads}),
               at::zeros({layers, encoder.intermediate_size}), at::zeros({encoder.hidden_size})};
}

void Movement::observe(const StructureScores& gradients) {
  const auto move = [](const at::Tensor& movement, const at::Tensor& gradient) {
    if (gradient.defined()) movement.sub_(gradient.to(at::kCPU));
  };
  move(movement_.head, gradients.head);
  move(movement_.intermediate, gradients.intermediate);
  move(movement_.hidden, gradients.hidden);
}

NamedTensors Movement::score_state() const {
  return {{"movement.head", movement_.head},
          {"movement.intermediate", movement_.intermediate},
          {"movement.hidden", movement_.hidden}};
}

}  // namespace prumux::movement

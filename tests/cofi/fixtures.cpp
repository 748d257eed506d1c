#include "fixtures.h"

#include <torch/types.h>

#include "schema.h"

namespace prumux::cofi {

EncoderConfig encoder_of(std::int64_t hidden, std::int64_t intermediate, std::int64_t heads,
                         std::int64_t layers) {
  EncoderConfig encoder;
  encoder.hidden_size = hidden;
  encoder.embedding_size = hidden;
  encoder.intermediate_size = intermediate;
  encoder.num_attention_heads = heads;
  encoder.num_hidden_layers = layers;
  return encoder;
}

FakeModel::FakeModel(const EncoderConfig& encoder)
    : FakeModel(
          encoder,
          std::vector<FakeLayer>(static_cast<std::size_t>(encoder.num_hidden_layers),
                                 FakeLayer{encoder.num_attention_heads, encoder.intermediate_size}),
          encoder.hidden_size) {}

FakeModel::FakeModel(const EncoderConfig& encoder, const std::vector<FakeLayer>& layers,
                     std::int64_t hidden)
    : encoder_(encoder) {
  parameters_.emplace_back("bert.embeddings.word_embeddings.weight", torch::zeros({7, hidden}));
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const std::string prefix = "bert.encoder.layer." + std::to_string(index) + ".";
    if (layers[index].heads > 0) {
      parameters_.emplace_back(prefix + "attention.self.query.weight",
                               torch::zeros({layers[index].heads * encoder.head_size(), hidden}));
      parameters_.emplace_back(prefix + "attention.output.dense.weight",
                               torch::zeros({hidden, layers[index].heads * encoder.head_size()}));
    }
    if (layers[index].intermediate > 0) {
      parameters_.emplace_back(prefix + "intermediate.dense.weight",
                               torch::zeros({layers[index].intermediate, hidden}));
      parameters_.emplace_back(prefix + "output.dense.weight",
                               torch::zeros({hidden, layers[index].intermediate}));
    }
  }
}

Parameters defaults(std::span<const PrumuxParameterV1> schema) {
  Parameters parameters;
  for (const PrumuxParameterV1& parameter : schema) {
    if (parameter.default_value == nullptr) continue;
    const std::string text = parameter.default_value;
    switch (parameter.type) {
      case PRUMUX_BOOLEAN:
        parameters.set(parameter.name, text == "true");
        break;
      case PRUMUX_INTEGER:
        parameters.set(parameter.name, std::int64_t{std::stoll(text)});
        break;
      case PRUMUX_REAL:
        parameters.set(parameter.name, std::stod(text));
        break;
      default:
        parameters.set(parameter.name, text);
    }
  }
  return parameters;
}

Parameters cofi_parameters(double target_sparsity) {
  Parameters parameters = defaults(kCofiParameters);
  parameters.set("target_sparsity", target_sparsity);
  parameters.set("learning_rate", 0.01);
  return parameters;
}

Parameters distillation_parameters() { return defaults(kDistillationParameters); }

}  // namespace prumux::cofi

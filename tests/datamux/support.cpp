#include "support.h"

#include <limits>
#include <sstream>

#include "schema.h"

namespace prumux::datamux {

MultiplexerArguments small_arguments(std::int64_t num_instances, std::int64_t hidden_size) {
  MultiplexerArguments arguments;
  arguments.encoder.hidden_size = hidden_size;
  arguments.encoder.num_attention_heads = 2;
  arguments.encoder.intermediate_size = hidden_size + 2;
  arguments.encoder.hidden_dropout_prob = 0.0;
  arguments.encoder.attention_probs_dropout_prob = 0.0;
  arguments.num_instances = num_instances;
  arguments.padding = PaddingSemantics::attended;
  arguments.parameters.set("muxing_variant", std::string("gaussian_hadamard"));
  arguments.parameters.set("demuxing_variant", std::string("index_pos"));
  arguments.parameters.set("gaussian_hadamard_norm", 1.0);
  arguments.parameters.set("binary_hadamard_epsilon", 0.0);
  arguments.parameters.set("num_hidden_demux_layers", std::int64_t{3});
  arguments.parameters.set("learn_muxing", false);
  arguments.parameters.set("legacy_demuxing", false);
  arguments.parameters.set("demux_start", std::string("unmixing"));
  arguments.parameters.set("demux_output_layer", false);
  arguments.parameters.set("muxing_attends_to_padding", false);
  arguments.embed_tokens = [hidden_size](const at::Tensor& input_ids) {
    return input_ids.div(4.0).unsqueeze(2).expand({-1, -1, hidden_size});
  };
  return arguments;
}

std::vector<std::string> choices_of(const std::string& parameter) {
  std::vector<std::string> names;
  for (const PrumuxParameterV1& entry : kParameters) {
    if (entry.name != parameter) {
      continue;
    }
    std::istringstream choices(entry.choices);
    for (std::string choice; std::getline(choices, choice, '|');) {
      names.push_back(choice);
    }
  }
  return names;
}

std::shared_ptr<DataMultiplexer> make_random(const MultiplexerArguments& arguments) {
  torch::manual_seed(7);
  auto multiplexer = std::make_shared<DataMultiplexer>(arguments);
  const torch::NoGradGuard no_grad;
  for (auto& item : multiplexer->named_parameters()) {
    item.value().copy_(at::randn_like(item.value()) * 0.5);
  }
  multiplexer->eval();
  return multiplexer;
}

at::Tensor tensor(const DataMultiplexer& multiplexer, const std::string& name) {
  const auto parameters = multiplexer.named_parameters();
  const at::Tensor* parameter = parameters.find(name);
  return parameter != nullptr ? *parameter : multiplexer.named_buffers()[name];
}

void load(DataMultiplexer& multiplexer, const TensorMap& values) {
  for (const auto& [name, value] : values) {
    tensor(multiplexer, name).set_data(value.clone());
  }
}

TensorMap state(const DataMultiplexer& multiplexer) {
  TensorMap values;
  for (const auto& item : multiplexer.named_parameters()) {
    values[item.key()] = item.value().detach();
  }
  for (const auto& item : multiplexer.named_buffers()) {
    values[item.key()] = item.value();
  }
  return values;
}

at::Tensor indices(std::initializer_list<std::int64_t> values) {
  return torch::tensor(std::vector<std::int64_t>(values), at::kLong);
}

}  // namespace prumux::datamux

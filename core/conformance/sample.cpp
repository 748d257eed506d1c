#include "core/conformance/sample.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <algorithm>

namespace prumux::conformance {

namespace {

constexpr std::int64_t kPadding = 0;
constexpr std::int64_t kClassification = 1;
constexpr std::int64_t kFirstWord = 5;

}  // namespace

EncoderConfig sample_encoder() {
  EncoderConfig encoder;
  encoder.vocab_size = 64;
  encoder.hidden_size = 32;
  encoder.embedding_size = 32;
  encoder.num_hidden_layers = 3;
  encoder.num_attention_heads = 4;
  encoder.intermediate_size = 48;
  encoder.max_position_embeddings = 40;
  encoder.pad_token_id = kPadding;
  // Larger than usual, so that no part of the model is lost in rounding.
  encoder.initializer_range = 0.2;
  return encoder;
}

MultiplexerArguments multiplexer_arguments(std::int64_t num_instances,
                                           const Parameters& parameters) {
  MultiplexerArguments arguments;
  arguments.encoder = sample_encoder();
  arguments.num_instances = num_instances;
  arguments.cls_token_id = kClassification;
  arguments.parameters = parameters;
  return arguments;
}

std::shared_ptr<model::Model> sample_model(
    std::uint64_t seed, const std::optional<model::MultiplexerConfig>& multiplexer,
    const std::optional<model::HeadMethod>& head) {
  torch::manual_seed(seed);
  model::ModelConfig config;
  config.encoder = sample_encoder();
  config.multiplexer = multiplexer;
  config.head_method = head;
  auto model = std::make_shared<model::Model>(config);
  model->eval();
  return model;
}

StructureMasks sample_hidden_masks() {
  StructureMasks masks;
  masks.hidden = at::linspace(0.5, 1.0, sample_encoder().hidden_size);
  masks.hidden.index_put_({at::arange(0, masks.hidden.size(0), 5)}, 0.0);
  return masks;
}

text::Batch sample_batch(std::int64_t rows, std::int64_t length, std::int64_t number) {
  const at::Tensor row = at::arange(rows).unsqueeze(1);
  const at::Tensor position = at::arange(length).unsqueeze(0);
  const at::Tensor words =
      (row * 7 + position * 3 + row * position + number * 11).remainder(64 - kFirstWord) +
      kFirstWord;
  // Row r has length - r mod 3 words, at least one.
  const at::Tensor lengths = (length - row.remainder(3)).clamp_min(1);
  text::Batch batch;
  batch.attention_mask = (position < lengths).to(at::kLong);
  batch.input_ids = words * batch.attention_mask;
  batch.input_ids.select(1, 0).fill_(kClassification);
  batch.token_type_ids = at::zeros_like(batch.input_ids);
  batch.labels = (at::arange(rows) + number).remainder(2);
  return batch;
}

}  // namespace prumux::conformance

#pragma once

#include <cstdint>
#include <memory>

#include "core/model/model.h"

namespace prumux::train::testing {

/// A plain BERT: 2 layers, hidden 16, 2 heads, 16 words, dropout 0.1.
inline std::shared_ptr<model::Model> tiny_model(std::uint64_t seed) {
  model::ModelConfig config;
  config.encoder.vocab_size = 16;
  config.encoder.hidden_size = 16;
  config.encoder.embedding_size = 16;
  config.encoder.num_hidden_layers = 2;
  config.encoder.num_attention_heads = 2;
  config.encoder.intermediate_size = 32;
  config.encoder.max_position_embeddings = 8;
  config.num_labels = 2;
  at::manual_seed(seed);
  return std::make_shared<model::Model>(config);
}

}  // namespace prumux::train::testing

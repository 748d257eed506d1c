#pragma once

#include <cstdint>
#include <string>

namespace prumux {

/// The dense architecture of a BERT-family encoder; the names are those of Hugging Face's config.
struct EncoderConfig {
  std::string model_type = "bert";
  std::int64_t vocab_size = 30522;
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t max_position_embeddings = 512;
  std::int64_t type_vocab_size = 2;
  std::int64_t embedding_size = 768;  ///< Width of the embedding tables; != hidden_size in ELECTRA.
  std::int64_t pad_token_id = 0;
  double layer_norm_eps = 1e-12;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
  double initializer_range = 0.02;

  std::int64_t head_size() const { return hidden_size / num_attention_heads; }
};

}  // namespace prumux

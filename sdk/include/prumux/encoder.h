#pragma once

#include <cstdint>
#include <string>

namespace prumux {

/// The dense architecture of a BERT-family encoder; the names are those of Hugging Face's config.
struct EncoderConfig {
  std::string model_type = "bert";             ///< bert, roberta or electra.
  std::int64_t vocab_size = 30522;             ///< Words.
  std::int64_t hidden_size = 768;              ///< d, width of the hidden states.
  std::int64_t num_hidden_layers = 12;         ///< Layers.
  std::int64_t num_attention_heads = 12;       ///< Heads of a layer.
  std::int64_t intermediate_size = 3072;       ///< Width inside the feed-forward blocks.
  std::int64_t max_position_embeddings = 512;  ///< Longest sequence.
  std::int64_t type_vocab_size = 2;            ///< Kinds of tokens: first and second text.
  std::int64_t embedding_size = 768;  ///< Width of the embedding tables; != hidden_size in ELECTRA.
  std::int64_t pad_token_id = 0;      ///< The word that fills short rows.
  double layer_norm_eps = 1e-12;      ///< Added to the variance in a LayerNorm.
  double hidden_dropout_prob = 0.1;   ///< Dropout of hidden states, in training.
  double attention_probs_dropout_prob = 0.1;  ///< Dropout of attention, in training.
  double initializer_range = 0.02;            ///< Standard deviation of fresh weights.

  /// Width of one attention head.
  std::int64_t head_size() const { return hidden_size / num_attention_heads; }
};

}  // namespace prumux

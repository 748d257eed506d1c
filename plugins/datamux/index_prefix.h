#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "interfaces.h"

namespace prumux::datamux {

/// Separates by a key that the encoder computes: N prefix tokens and the classification token go in
/// front of every row, and the hidden state at prefix position i is the key of instance i
/// (spec 4.1).
class IndexPrefix final : public Demultiplexing {
 public:
  /// Throws `ConfigError` when the vocabulary has no prefix tokens, or the positions do not
  /// suffice.
  IndexPrefix(torch::nn::Module& root, const MultiplexerArguments& arguments);
  ~IndexPrefix() override;

  std::int64_t prefix_length() const override { return num_instances_ + 1; }
  std::int64_t classification_position() const override { return num_instances_; }
  TokenRows edit_tokens(const TokenRows& rows) const override;
  at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override;
  void prune_hidden(const at::Tensor& kept) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;

 private:
  struct Head;

  void check_sequence(const at::Tensor& hidden) const;

  std::int64_t num_instances_;
  std::int64_t hidden_size_;
  std::int64_t encoder_width_;
  std::int64_t cls_token_id_;
  std::shared_ptr<Head> task_head_;        ///< `demultiplexer`.
  std::shared_ptr<Head> vocabulary_head_;  ///< `retrieval_head`, without its decoder.
};

}  // namespace prumux::datamux

#pragma once

#include <torch/nn/modules/linear.h>

#include <memory>

#include "demultiplexing_shape.h"
#include "dense_norm.h"
#include "interfaces.h"
#include "special_tokens.h"

namespace prumux::datamux {

/// Separates by a key that the encoder computes: N prefix tokens and the classification token go in
/// front of every row, and the hidden state at prefix position i is the key of instance i
/// (spec 4.1). DataMUX's sequence classifiers have one more layer, `demux_output_layer` (4.5).
class IndexPrefix final : public Demultiplexing {
 public:
  /// Throws `ConfigError` when the vocabulary has no prefix tokens, or the positions do not
  /// suffice.
  IndexPrefix(torch::nn::Module& root, const MultiplexerArguments& arguments);

  std::int64_t prefix_length() const override { return shape_.num_instances + 1; }
  std::int64_t classification_position() const override { return shape_.num_instances; }
  TokenRows edit_tokens(const TokenRows& rows) const override;
  InferenceForm inference_form() const override;
  at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override;
  void prune_hidden(const at::Tensor& kept) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;

 private:
  /// [N, N + 1] tokens in front of the instances' rows.
  at::Tensor prefix() const;
  void check_prefix(const at::Tensor& hidden) const;

  DemultiplexingShape shape_;
  PrefixTokens tokens_;
  std::shared_ptr<DenseNorm> task_head_;        ///< `demultiplexer`.
  torch::nn::Linear output_layer_ = nullptr;    ///< Null: there is none.
  std::shared_ptr<DenseNorm> vocabulary_head_;  ///< `retrieval_head`, without its decoder.
};

}  // namespace prumux::datamux

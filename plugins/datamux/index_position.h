#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <optional>

#include "demultiplexing_shape.h"
#include "dense_norm.h"
#include "interfaces.h"

namespace prumux::datamux {

/// Separates by a learned key for each instance and an MLP over [key ; hidden state] (spec 4.2; the
/// "RSA demultiplexer" of MUX-PLMs). The first layer is linear in both halves, so the keys' half is
/// computed once for each instance and the hidden states' half once for each group.
class IndexPosition final : public Demultiplexing {
 public:
  IndexPosition(torch::nn::Module& root, const MultiplexerArguments& arguments);
  ~IndexPosition() override;

  TokenRows edit_tokens(const TokenRows& rows) const override;
  InferenceForm inference_form() const override;
  at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override;
  void prune_hidden(const at::Tensor& kept) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;
  std::vector<std::string> aliases(const std::string& parameter) const override;

 private:
  struct SharedLayers;

  /// The halves of the first dense layer's output: [N, d], bias included, and [..., d].
  at::Tensor instance_half() const;
  at::Tensor token_half(const at::Tensor& hidden) const;
  at::Tensor with_dropout(const at::Tensor& activations) const;

  DemultiplexingShape shape_;
  std::optional<std::int64_t> first_token_;
  double dropout_;
  bool legacy_;
  bool is_electra_;                             ///< Its words are read by all layers, not by two.
  std::shared_ptr<SharedLayers> shared_;        ///< `demux_module`.
  std::shared_ptr<DenseNorm> task_head_;        ///< `demultiplexer`.
  std::shared_ptr<DenseNorm> vocabulary_head_;  ///< `retrieval_head`, without its decoder.
};

}  // namespace prumux::datamux

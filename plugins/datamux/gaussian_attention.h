#pragma once

#include "attention_muxing.h"
#include "dense_norm.h"

namespace prumux::datamux {

/// The mean over the instances of a_i + c: a_i is v_i * e_i after one layer of attention over the
/// positions, c a dense layer over the mean of all v_i * e_i (spec 3.5).
class GaussianAttention final : public AttentionMuxing {
 public:
  GaussianAttention(torch::nn::Module& root, const MultiplexerArguments& arguments);

 private:
  at::Tensor mix(const at::Tensor& embeddings, const at::Tensor& token_mask,
                 const at::Tensor& counted) override;
  void check_layers() const override;

  std::shared_ptr<AttentionLayer> attention_;    ///< `muxing_attention`.
  torch::nn::Linear cross_instances_ = nullptr;  ///< `cross_instances_linear`.
  torch::nn::LayerNorm cross_norm_ = nullptr;    ///< `cross_instances_layernorm`.
};

}  // namespace prumux::datamux

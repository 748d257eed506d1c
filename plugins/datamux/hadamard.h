#pragma once

#include <torch/nn/module.h>

#include "interfaces.h"

namespace prumux::datamux {

/// The mean over the instances of v_i * e_i, elementwise, with one vector v_i for each instance
/// (spec 3.1 and 3.2). With padding masked, the mean is over the instances that have a token at the
/// position, and zero where none has.
class Hadamard : public Muxing {
 public:
  at::Tensor combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) override;
  std::optional<MixForm> mix_form() const override;
  at::Tensor unmixing(std::int64_t instance) const override;
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;

 protected:
  /// vectors [N, d] as they are at first.
  Hadamard(torch::nn::Module& root, const MultiplexerArguments& arguments,
           const at::Tensor& vectors);

 private:
  std::int64_t num_instances_;
  PaddingSemantics padding_;
  at::Tensor vectors_;    ///< Parameter `instance_embedding` [N, d'].
  at::Tensor kept_mask_;  ///< Buffer `instance_kept_hidden` [d] of 0 and 1; empty: all are kept.
  at::Tensor kept_;       ///< [d'] positions of the ones in `kept_mask_`.
};

}  // namespace prumux::datamux

#pragma once

#include <torch/nn/module.h>

#include "interfaces.h"

namespace prumux::datamux {

/// The sum over the instances of O_i e_i, divided by sqrt(N), with random orthogonal matrices O_i
/// (spec 3.3): the result has the norm of one embedding. With padding masked, the sum is over the
/// instances that have a token at the position, and N their number.
class RandomOrthogonal final : public Muxing {
 public:
  RandomOrthogonal(torch::nn::Module& root, const MultiplexerArguments& arguments);

  at::Tensor combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) override;
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;

 private:
  std::int64_t num_instances_;
  std::int64_t hidden_size_;
  PaddingSemantics padding_;
  at::Tensor matrices_;  ///< Parameter `instance_embedding` [N, d', d].
};

}  // namespace prumux::datamux

#pragma once

#include <torch/nn/module.h>

#include "interfaces.h"

namespace prumux::datamux {

/// The sum over the instances of O_i e_i, divided by sqrt(N), with a random matrix O_i for each
/// instance: the result has the norm of one embedding. With padding masked, the sum is over the
/// instances that have a token at the position, and N their number.
class OrthogonalMuxing : public Muxing {
 public:
  at::Tensor combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) override;
  std::optional<MixForm> mix_form() const override;
  at::Tensor unmixing(std::int64_t instance) const override;
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;

 protected:
  /// matrices [N, d, d] as they are at first.
  OrthogonalMuxing(torch::nn::Module& root, const MultiplexerArguments& arguments,
                   const at::Tensor& matrices);

 private:
  std::int64_t num_instances_;
  std::int64_t hidden_size_;
  PaddingSemantics padding_;
  at::Tensor matrices_;  ///< Parameter `instance_embedding` [N, d', d].
};

/// `random_ortho`: independent orthogonal matrices (spec 3.3).
class RandomOrthogonal final : public OrthogonalMuxing {
 public:
  RandomOrthogonal(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

/// `random_ortho_low_rank`: matrices of rank d / N, instance i from the i-th block of the columns
/// of one rotation, so that the instances' images are orthogonal to one another before a second
/// rotation, which they share (spec 3.4).
class RandomOrthogonalLowRank final : public OrthogonalMuxing {
 public:
  /// Throws `ConfigError` when there are more instances than hidden dimensions.
  RandomOrthogonalLowRank(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

}  // namespace prumux::datamux

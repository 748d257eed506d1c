#pragma once

#include <torch/nn/module.h>

#include "attention_layer.h"
#include "interfaces.h"
#include "output_selection.h"

namespace prumux::datamux {

/// What the muxings with attention have in common: an instance vector v_i each,
/// `instance_embedding` [N, d], and layers that physical pruning leaves whole, since their input is
/// the first embedding pass, which has every dimension.
class AttentionMuxing : public Muxing {
 public:
  at::Tensor combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) final;
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) final;
  void adopt_loaded_shapes(std::int64_t encoder_width) final;

 protected:
  /// Throws `ConfigError` when the model's heads or the padding do not fit.
  AttentionMuxing(torch::nn::Module& root, const MultiplexerArguments& arguments);

  /// embeddings [B, N, L, d] -> [B, L, d]. `token_mask` [B, N, L] has the tokens that attention may
  /// see, `counted` [B, N, L] those that take part in means; each undefined: all.
  virtual at::Tensor mix(const at::Tensor& embeddings, const at::Tensor& token_mask,
                         const at::Tensor& counted) = 0;
  virtual void check_layers() const = 0;

  /// v_i * x_i.
  at::Tensor scaled(const at::Tensor& x) const { return x * vectors_.unsqueeze(1); }

  /// `layer` over the positions of each row of `x` [B, N, L, d]; mask [B, N, L] or undefined.
  static at::Tensor over_positions(AttentionLayer& layer, const at::Tensor& x,
                                   const at::Tensor& mask);

  std::int64_t hidden_size() const { return hidden_size_; }
  /// Whether the layer that mixes the instances sees padding, as in the reference's masked LM.
  bool attends_to_padding() const { return attends_to_padding_; }

 private:
  std::int64_t hidden_size_;
  std::int64_t num_instances_;
  PaddingSemantics padding_;
  bool attends_to_padding_;
  at::Tensor vectors_;  ///< Parameter `instance_embedding` [N, d].
  OutputSelection output_;
};

}  // namespace prumux::datamux

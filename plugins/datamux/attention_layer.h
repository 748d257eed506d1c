#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <cstdint>
#include <memory>
#include <string>

#include "prumux/encoder.h"

namespace prumux::datamux {

/// One layer of a BERT: self-attention and a feed-forward block, each with a residual connection
/// and LayerNorm after it; the parameters are named as in an encoder layer (spec section 1.1).
class AttentionLayer final : public torch::nn::Module {
 public:
  explicit AttentionLayer(const EncoderConfig& encoder);

  /// x [R, S, d] -> [R, Q, d] for the first Q of S positions. mask [R, S]: positions with 0 are not
  /// attended to; undefined: all are.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask, std::int64_t query_positions);

  /// Throws `DataError` when a loaded tensor has another shape; `name`: of the layer.
  void check(const std::string& name) const;

 private:
  at::Tensor attend(const at::Tensor& x, const at::Tensor& mask, const at::Tensor& queries);
  at::Tensor with_dropout(const at::Tensor& x) const;

  std::int64_t width_;
  std::int64_t intermediate_size_;
  std::int64_t num_heads_;
  double hidden_dropout_;
  double attention_dropout_;
  torch::nn::Linear query_ = nullptr;
  torch::nn::Linear key_ = nullptr;
  torch::nn::Linear value_ = nullptr;
  torch::nn::Linear attention_output_ = nullptr;
  torch::nn::LayerNorm attention_norm_ = nullptr;
  torch::nn::Linear intermediate_ = nullptr;
  torch::nn::Linear output_ = nullptr;
  torch::nn::LayerNorm output_norm_ = nullptr;
};

/// A fresh layer, registered on `root`.
std::shared_ptr<AttentionLayer> add_attention_layer(torch::nn::Module& root, const char* name,
                                                    const EncoderConfig& encoder);

}  // namespace prumux::datamux

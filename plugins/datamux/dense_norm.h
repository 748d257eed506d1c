#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <cstdint>
#include <string>

#include "prumux/encoder.h"

namespace prumux::datamux {

/// norm(gelu(dense(x))), under names of the caller's choice.
class DenseNorm final : public torch::nn::Module {
 public:
  DenseNorm(const std::string& dense_name, const std::string& norm_name, std::int64_t inputs,
            const EncoderConfig& encoder);

  at::Tensor forward(const at::Tensor& x);

  /// The same from the dense layer's output on, for callers that compute it in parts.
  at::Tensor finish(const at::Tensor& dense_output);

  /// Fresh weights with which it gives about its input, normalised. Of equal widths only.
  void start_as_identity();

  /// As `check_linear` and `check_layer_norm`; `name`: of the module in a checkpoint.
  void check(const std::string& name, std::int64_t inputs, std::int64_t outputs) const;

  /// Keeps the columns `kept` of the dense layer's input.
  void prune_inputs(const at::Tensor& kept);

  const torch::nn::Linear& dense() const { return dense_; }
  const torch::nn::LayerNorm& norm() const { return norm_; }

 private:
  std::string dense_name_;
  std::string norm_name_;
  torch::nn::Linear dense_ = nullptr;
  torch::nn::LayerNorm norm_ = nullptr;
};

}  // namespace prumux::datamux

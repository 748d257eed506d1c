#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <cstdint>
#include <string>

namespace prumux::datamux {

/// A dense layer with weights from N(0, initializer_range) and bias zero.
torch::nn::Linear make_linear(std::int64_t inputs, std::int64_t outputs, double initializer_range);

/// Makes norm(gelu(layer(x))) about norm(map x): a bias takes x to where gelu is the identity, and
/// the norm takes it off again. map: as the weight; x of unit variance.
void start_linear(torch::nn::Linear& layer, const at::Tensor& map);

torch::nn::LayerNorm make_layer_norm(std::int64_t width, double epsilon);

/// Both parameters of a loaded layer, as `check_shape`.
void check_linear(const std::string& name, const torch::nn::Linear& layer, std::int64_t inputs,
                  std::int64_t outputs);
void check_layer_norm(const std::string& name, const torch::nn::LayerNorm& layer,
                      std::int64_t width);

}  // namespace prumux::datamux

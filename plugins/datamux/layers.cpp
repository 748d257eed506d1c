#include "layers.h"

#include "tensor_checks.h"

namespace prumux::datamux {

torch::nn::Linear make_linear(std::int64_t inputs, std::int64_t outputs, double initializer_range) {
  torch::nn::Linear layer(inputs, outputs);
  const torch::NoGradGuard no_grad;
  layer->weight.normal_(0.0, initializer_range);
  layer->bias.zero_();
  return layer;
}

void start_linear(torch::nn::Linear& layer, const at::Tensor& map) {
  constexpr double kWhereGeluIsTheIdentity = 2.0;
  const torch::NoGradGuard no_grad;
  layer->weight.copy_(map);
  layer->bias.fill_(kWhereGeluIsTheIdentity);
}

torch::nn::LayerNorm make_layer_norm(std::int64_t width, double epsilon) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(epsilon));
}

void check_linear(const std::string& name, const torch::nn::Linear& layer, std::int64_t inputs,
                  std::int64_t outputs) {
  check_shape(name + ".weight", layer->weight, {outputs, inputs});
  check_shape(name + ".bias", layer->bias, {outputs});
}

void check_layer_norm(const std::string& name, const torch::nn::LayerNorm& layer,
                      std::int64_t width) {
  check_shape(name + ".weight", layer->weight, {width});
  check_shape(name + ".bias", layer->bias, {width});
}

}  // namespace prumux::datamux

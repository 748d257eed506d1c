#include "dense_norm.h"

#include "layers.h"
#include "tensor_checks.h"

namespace prumux::datamux {

DenseNorm::DenseNorm(const std::string& dense_name, const std::string& norm_name,
                     std::int64_t inputs, const EncoderConfig& encoder)
    : dense_name_(dense_name), norm_name_(norm_name) {
  dense_ = register_module(dense_name,
                           make_linear(inputs, encoder.hidden_size, encoder.initializer_range));
  norm_ = register_module(norm_name, make_layer_norm(encoder.hidden_size, encoder.layer_norm_eps));
}

at::Tensor DenseNorm::forward(const at::Tensor& x) { return finish(dense_(x)); }

at::Tensor DenseNorm::finish(const at::Tensor& dense_output) {
  return norm_(at::gelu(dense_output));
}

void DenseNorm::start_as_identity() {
  start_linear(dense_, at::eye(dense_->weight.size(0), dense_->weight.options()));
}

void DenseNorm::check(const std::string& name, std::int64_t inputs, std::int64_t outputs) const {
  check_linear(name + "." + dense_name_, dense_, inputs, outputs);
  check_layer_norm(name + "." + norm_name_, norm_, outputs);
}

void DenseNorm::prune_inputs(const at::Tensor& kept) {
  at::Tensor& weight = dense_->weight;
  replace(weight, weight.detach().index_select(1, kept.to(weight.device())));
}

}  // namespace prumux::datamux

#include "layer_transformation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace prumux::cofi {
namespace {

// Relative to the mean squared hidden value: keeps the system solvable when a batch is small.
constexpr double kRidge = 1e-3;

at::Tensor rows(const std::vector<at::Tensor>& hidden_states) {
  std::vector<at::Tensor> flat;
  for (const at::Tensor& hidden : hidden_states) {
    flat.push_back(hidden.detach().reshape({-1, hidden.size(-1)}).to(at::kDouble));
  }
  return at::cat(flat);
}

}  // namespace

LayerTransformation::LayerTransformation(std::int64_t student_width, std::int64_t teacher_width,
                                         const at::TensorOptions& options)
    : bias_(at::zeros({teacher_width}, options).set_requires_grad(true)),
      needs_fit_(at::scalar_tensor(student_width != teacher_width, at::kBool)) {
  weight_ = needs_fit() ? at::zeros({teacher_width, student_width}, options)
                        : at::eye(teacher_width, options);
  weight_.set_requires_grad(true);
}

at::Tensor LayerTransformation::apply(const at::Tensor& hidden, at::ScalarType product_type) const {
  const auto as = [product_type](const at::Tensor& tensor) { return tensor.to(product_type); };
  return at::linear(as(hidden), as(weight_), as(bias_)).to(at::kFloat);
}

bool LayerTransformation::needs_fit() const { return needs_fit_.item<bool>(); }

void LayerTransformation::fit(const std::vector<at::Tensor>& student,
                              const std::vector<at::Tensor>& teacher) {
  const at::NoGradGuard no_gradient;
  const at::Tensor inputs = rows(student);
  const at::Tensor outputs = rows(teacher);
  at::Tensor gram = inputs.t().matmul(inputs);
  gram.diagonal().add_((gram.diagonal().mean() * kRidge).clamp_min(1e-12));
  const at::Tensor solution = at::linalg_solve(gram, inputs.t().matmul(outputs));
  weight_.copy_(solution.t());
  needs_fit_.fill_(false);
}

std::vector<ParameterGroup> LayerTransformation::parameter_groups(double weight_decay) const {
  ParameterGroup weight;
  weight.name = "layer_transformation.weight";
  weight.parameters = {{"layer_transformation.weight", weight_}};
  weight.weight_decay = weight_decay;
  weight.clip_with_model = true;
  ParameterGroup bias;
  bias.name = "layer_transformation.bias";
  bias.parameters = {{"layer_transformation.bias", bias_}};
  bias.clip_with_model = true;
  return {weight, bias};
}

NamedTensors LayerTransformation::state() const {
  return {{"layer_transformation.weight", weight_},
          {"layer_transformation.bias", bias_},
          {"layer_transformation.needs_fit", needs_fit_}};
}

}  // namespace prumux::cofi

#include "lagrangian.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace prumux::cofi {

double SparsitySchedule::target_at(std::int64_t step) const {
  if (warmup_steps == 0) return target;
  const double progress = static_cast<double>(step) / static_cast<double>(warmup_steps);
  return start + (target - start) * std::min(1.0, progress);
}

Lagrangian::Lagrangian(const c10::Device& device) {
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  linear_ = at::zeros({}, options).set_requires_grad(true);
  quadratic_ = at::zeros({}, options).set_requires_grad(true);
}

at::Tensor Lagrangian::penalty(const at::Tensor& expected_sparsity, double target) const {
  const at::Tensor excess = expected_sparsity - target;
  return linear_ * excess + quadratic_ * excess.square();
}

NamedTensors Lagrangian::multipliers() const {
  return {{"lambda_1", linear_}, {"lambda_2", quadratic_}};
}

}  // namespace prumux::cofi

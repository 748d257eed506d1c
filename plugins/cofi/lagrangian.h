#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

#include "prumux/tensors.h"

namespace prumux::cofi {

/// The sparsity that training is driven to, over optimiser steps since pruning began: from `start`
/// to `target` on a line of `warmup_steps` steps (none: the target at once).
struct SparsitySchedule {
  double target = 0.0;
  double start = 0.0;
  std::int64_t warmup_steps = 0;

  double target_at(std::int64_t step) const;
};

/// The augmented Lagrangian that holds the expected sparsity s at its target t (Wang et al. 2020):
/// lambda_1 (s - t) + lambda_2 (s - t)^2. The multipliers start at 0 and are trained by ascent.
class Lagrangian {
 public:
  explicit Lagrangian(const c10::Device& device);

  at::Tensor penalty(const at::Tensor& expected_sparsity, double target) const;

  /// The multipliers `lambda_1` and `lambda_2`: trainable scalars.
  NamedTensors multipliers() const;

 private:
  at::Tensor linear_;
  at::Tensor quadratic_;
};

}  // namespace prumux::cofi

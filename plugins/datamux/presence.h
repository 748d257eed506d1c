#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::datamux {

/// x [B, N, L, d] -> [B, L, d], the mean over the instances. With a mask [B, N, L], over those that
/// have a token at the position, and zero where none has; an undefined mask counts all.
at::Tensor mean_over_instances(const at::Tensor& x, const at::Tensor& mask);

}  // namespace prumux::datamux

#pragma once

#include <ATen/ATen.h>

#include <limits>

namespace prumux::test {

/// The largest absolute difference of two tensors; infinite when their shapes differ.
inline double distance(const at::Tensor& left, const at::Tensor& right) {
  if (left.sizes() != right.sizes()) return std::numeric_limits<double>::infinity();
  return left.numel() == 0 ? 0.0 : (left - right).abs().max().item<double>();
}

}  // namespace prumux::test

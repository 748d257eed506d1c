#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::model {

/// Zeroes each element with `probability` and divides the others by the chance that they had
/// (Srivastava et al. 2014): one pass forwards and one backwards, on all threads, without a mask in
/// memory. What is zeroed follows from one number of libtorch's default generator, whatever the
/// number of threads. Without a probability it is `x` itself.
at::Tensor dropout(const at::Tensor& x, double probability);

}  // namespace prumux::model

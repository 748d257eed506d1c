#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::int8 {

/// The matrix [out, in] with every row rounded to multiples of its largest absolute value / 127:
/// what int8 weights with one symmetric scale a row can hold. To round twice gives the same
/// multiples.
at::Tensor round_rows(const at::Tensor& weight);

}  // namespace prumux::int8

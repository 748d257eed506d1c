#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::model {

/// What of a weight stays, and by what it is multiplied. Each may be undefined: everything, ones.
struct WeightSelection {
  at::Tensor rows;            ///< [r] int64, without repetition.
  at::Tensor columns;         ///< [c] int64, without repetition.
  at::Tensor row_factors;     ///< [r] float32; may carry a gradient.
  at::Tensor column_factors;  ///< [c] float32; may carry a gradient.

  bool trivial() const {
    return !rows.defined() && !columns.defined() && !row_factors.defined() &&
           !column_factors.defined();
  }
};

/// weight [R, C] float32 -> [r, c], in the type in which libtorch's autocast multiplies: one pass
/// over the weight, and one backwards for its gradient and those of the factors.
at::Tensor select_weight(const at::Tensor& weight, const WeightSelection& selection);

}  // namespace prumux::model

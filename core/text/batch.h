#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::text {

/// Rows of a task, padded to the longest of them. Consecutive N rows form a group.
struct Batch {
  at::Tensor input_ids;       ///< [R, L] int64.
  at::Tensor attention_mask;  ///< [R, L] int64.
  at::Tensor token_type_ids;  ///< [R, L] int64.
  /// [R] int64 classes, [R] float32 scores of a regression, or [R, L] int64: tokens of masked
  /// language modelling, classes of words at their first tokens (-100: no loss there).
  at::Tensor labels;
};

}  // namespace prumux::text

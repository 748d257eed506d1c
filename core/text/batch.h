#pragma once

#include <ATen/core/Tensor.h>

namespace prumux::text {

/// Rows of a task, padded to the longest of them. Consecutive N rows form a group.
struct Batch {
  at::Tensor input_ids;       ///< [R, L] int64.
  at::Tensor attention_mask;  ///< [R, L] int64.
  at::Tensor token_type_ids;  ///< [R, L] int64.
  at::Tensor labels;          ///< [R] int64 classes, or float32 scores of a regression.
};

}  // namespace prumux::text

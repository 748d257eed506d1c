#pragma once

#include <string>

#include "prumux/export.h"
#include "prumux/tensors.h"

namespace prumux {

/// Copies of `tensors`, for a checkpoint.
PRUMUX_EXPORT TensorMap saved(const NamedTensors& tensors);

/// Copies `state` into `tensors`, in place. Throws `DataError` naming the tensor when one is
/// missing, superfluous, of another shape or type, or not finite; then nothing is changed.
PRUMUX_EXPORT void restore(const NamedTensors& tensors, const TensorMap& state,
                           const std::string& method);

}  // namespace prumux

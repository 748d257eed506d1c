#pragma once

#include <memory>

#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// Loads libprumux_cuda, once in a process, and with it libtorch's CUDA part; call it before the
/// first tensor is made. The library stays loaded.
/// Throws `ConfigError` when this build has none, or when there is no GPU that can be used.
std::shared_ptr<const RowKernels> load_cuda_kernels();

}  // namespace prumux::runtime

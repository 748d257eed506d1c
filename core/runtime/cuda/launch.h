#pragma once

#include <cuda_runtime_api.h>

#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// Start a kernel on `stream`; nobody waits for its end.
cudaError_t launch_mix(const MixView& view, cudaStream_t stream);
cudaError_t launch_separate(const SeparationView& view, cudaStream_t stream);
cudaError_t launch_add(const AdditionView& view, cudaStream_t stream);

}  // namespace prumux::runtime

#pragma once

#include "core/runtime/device/team.h"

namespace prumux::runtime {

/// The threads of one block. Every one of them must take part in `sum` and `synchronise`.
class BlockTeam {
 public:
  /// `partial_sums`: 32 floats in shared memory.
  __device__ explicit BlockTeam(float* partial_sums) : partial_sums_(partial_sums) {}

  __device__ int rank() const { return static_cast<int>(threadIdx.x); }
  __device__ int size() const { return static_cast<int>(blockDim.x); }
  __device__ void synchronise() const { __syncthreads(); }

  __device__ float sum(float value) const {
    value = sum_of_warp(value);
    const unsigned int warp = threadIdx.x / warpSize;
    const unsigned int lane = threadIdx.x % warpSize;
    if (lane == 0) partial_sums_[warp] = value;
    __syncthreads();
    const unsigned int warps = (blockDim.x + warpSize - 1) / warpSize;
    value = sum_of_warp(lane < warps ? partial_sums_[lane] : 0.0F);
    // The next sum must not overwrite what a slower warp still reads.
    __syncthreads();
    return value;
  }

 private:
  /// Butterfly: every lane ends with the same sum.
  __device__ static float sum_of_warp(float value) {
    for (int distance = warpSize / 2; distance > 0; distance /= 2) {
      value += __shfl_xor_sync(0xffffffffU, value, distance);
    }
    return value;
  }

  float* partial_sums_;
};

}  // namespace prumux::runtime

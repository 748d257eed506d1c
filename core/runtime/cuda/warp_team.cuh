#pragma once

#include "core/runtime/device/team.h"

namespace prumux::runtime {

constexpr int kWarpSize = 32;

/// The threads of one warp: rows are short, so that waiting for other warps would cost more than
/// they help. Every one of them must take part in `sum` and `synchronise`.
class WarpTeam {
 public:
  __device__ int rank() const { return static_cast<int>(threadIdx.x); }
  __device__ static constexpr int size() { return kWarpSize; }
  __device__ void synchronise() const { __syncwarp(); }

  /// Butterfly: every lane ends with the same sum.
  __device__ float sum(float value) const {
    for (int distance = size() / 2; distance > 0; distance /= 2) {
      value += __shfl_xor_sync(0xffffffffU, value, distance);
    }
    return value;
  }
};

}  // namespace prumux::runtime

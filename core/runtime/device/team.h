#pragma once

// The row kernels are written once, for a team of threads that shares a row: a block of a GPU, or
// the one thread of the host team, with which the same code is tested where there is no GPU.
#ifdef __CUDACC__
#define PRUMUX_TEAM_CODE __device__ inline
#else
#define PRUMUX_TEAM_CODE inline
#endif

namespace prumux::runtime {

/// A team of one.
class HostTeam {
 public:
  static constexpr int rank() { return 0; }
  static constexpr int size() { return 1; }
  /// The sum of every member's value.
  static constexpr float sum(float value) { return value; }
  /// Waits until every member is here.
  static void synchronise() {}
};

}  // namespace prumux::runtime

#pragma once

#include <cstdint>

// A function compiled several times, of which the program takes what its processor has when it
// starts. The runtime's kernels are written for each instruction set; for plain loops the compiler
// does it. (The thread sanitizer cannot start programs that choose so.)
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define PRUMUX_FOR_THIS_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PRUMUX_FOR_THIS_PROCESSOR
#endif

namespace prumux::model {

/// Partial sums of such a function, so that a sum can be computed many elements at a time.
constexpr std::int64_t kLanes = 16;

}  // namespace prumux::model

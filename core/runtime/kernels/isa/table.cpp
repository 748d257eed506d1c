#include "core/runtime/kernels/isa/declarations.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

#if defined(__AMX_TILE__)
constexpr auto kAttendBfloat16 = &attend_in_tiles;
#elif defined(__AVX2__) && !defined(__AVX512BF16__)
// Without instructions for bfloat16, its products take longer than those of float32.
constexpr auto kAttendBfloat16 = &attend;
#else
constexpr auto kAttendBfloat16 = &attend_bfloat16;
#endif

}  // namespace

const Kernels kKernels = {&convert,   &multiply, &attend, kAttendBfloat16,
                          &normalise, &mix,      &gelu,   &tanh};

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

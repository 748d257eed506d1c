#include "core/runtime/kernels/isa/declarations.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
const Kernels kKernels = {&convert,   &multiply, &attend, &attend_in_short_numbers,
                          &normalise, &mix,      &gelu,   &tanh};

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#include "core/runtime/kernels/isa/declarations.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

const Kernels kKernels = {&convert,   &multiply, &attend, &attend_bfloat16,
                          &normalise, &mix,      &gelu,   &tanh};

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

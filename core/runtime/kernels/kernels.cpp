#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels {

const Kernels& kernels_for(InstructionSet instruction_set) {
  switch (instruction_set) {
#if defined(__x86_64__)
    case InstructionSet::avx512:
      return avx512::kKernels;
    case InstructionSet::avx2:
      return avx2::kKernels;
#endif
    default:
      return portable::kKernels;
  }
}

std::size_t attention_scratch(std::size_t keys, std::size_t head_size) {
  // Keys and values; then the queries, weights, results and sums of one panel.
  return 2 * head_size * attention_key_columns(keys) + (2 * head_size + keys + 1) * kPanelTokens;
}

}  // namespace prumux::runtime::kernels

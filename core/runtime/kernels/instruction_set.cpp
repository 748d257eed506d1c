#include "core/runtime/kernels/instruction_set.h"

namespace prumux::runtime::kernels {

bool is_supported(InstructionSet instruction_set) {
  switch (instruction_set) {
#if defined(__x86_64__)
    case InstructionSet::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
#endif
    case InstructionSet::portable:
      return true;
    default:
      return false;
  }
}

bool multiplies_short_numbers(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::avx512;
}

InstructionSet best_instruction_set() {
  if (is_supported(InstructionSet::avx512)) return InstructionSet::avx512;
  if (is_supported(InstructionSet::avx2)) return InstructionSet::avx2;
  return InstructionSet::portable;
}

const char* name_of(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    default:
      return "portable";
  }
}

}  // namespace prumux::runtime::kernels

#include "core/runtime/kernels/instruction_set.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace prumux::runtime::kernels {
namespace {

/// Linux keeps the registers of tiles only for processes that have asked for it; asking again does
/// no harm.
[[maybe_unused]] bool may_use_tiles() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

bool is_supported(InstructionSet instruction_set) {
  switch (instruction_set) {
#if defined(__x86_64__)
    case InstructionSet::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
    case InstructionSet::avx512_fp16:
      return is_supported(InstructionSet::avx512) && __builtin_cpu_supports("avx512fp16");
    case InstructionSet::amx:
      return is_supported(InstructionSet::avx512) && __builtin_cpu_supports("amx-tile") &&
             __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("amx-int8") &&
             may_use_tiles();
#endif
    case InstructionSet::portable:
      return true;
    default:
      return false;
  }
}

bool multiplies_short_numbers(InstructionSet instruction_set) {
  return instruction_set >= InstructionSet::avx512;
}

bool multiplies_halves(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::avx512_fp16;
}

bool multiplies_tiles(InstructionSet instruction_set) {
  return instruction_set == InstructionSet::amx;
}

InstructionSet best_instruction_set() {
  if (is_supported(InstructionSet::amx)) return InstructionSet::amx;
  if (is_supported(InstructionSet::avx512_fp16)) return InstructionSet::avx512_fp16;
  if (is_supported(InstructionSet::avx512)) return InstructionSet::avx512;
  if (is_supported(InstructionSet::avx2)) return InstructionSet::avx2;
  return InstructionSet::portable;
}

const char* name_of(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::amx:
      return "amx";
    case InstructionSet::avx512_fp16:
      return "avx512_fp16";
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    default:
      return "portable";
  }
}

}  // namespace prumux::runtime::kernels

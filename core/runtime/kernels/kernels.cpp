#include "core/runtime/kernels/kernels.h"

#include <algorithm>

namespace prumux::runtime::kernels {

bool knows(InstructionSet instruction_set, NumberFormat format) {
  if (is_tiled(format)) return multiplies_tiles(instruction_set);
  return format != NumberFormat::float16 || multiplies_halves(instruction_set);
}

const Kernels& kernels_for(InstructionSet instruction_set) {
  switch (instruction_set) {
#if defined(__x86_64__)
    case InstructionSet::amx:
      return amx::kKernels;
    case InstructionSet::avx512_fp16:
      return avx512_fp16::kKernels;
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
  const std::size_t in_vectors =
      2 * head_size * attention_key_columns(keys) + (2 * head_size + keys + 1) * kPanelTokens;
  return std::max(in_vectors, AttentionTiles(keys, head_size).all() * kTileSize * kTileSize);
}

}  // namespace prumux::runtime::kernels

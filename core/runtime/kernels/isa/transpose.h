#pragma once

#include <utility>

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/packed_matrix.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// Blocks of so many columns change places with those of the row so far below.
template <std::size_t kDistance, std::size_t... kLane>
inline void swap_blocks(Words (&rows)[kTileSize], std::index_sequence<kLane...>) {
  for (std::size_t r = 0; r < kTileSize; ++r) {
    if ((r & kDistance) != 0) continue;
    const Words a = rows[r];
    const Words b = rows[r + kDistance];
    rows[r] = __builtin_shufflevector(
        a, b, ((kLane & kDistance) == 0 ? kLane : kLanes + kLane - kDistance)...);
    rows[r + kDistance] = __builtin_shufflevector(
        a, b, ((kLane & kDistance) == 0 ? kLane + kDistance : kLanes + kLane)...);
  }
}

/// rows[r][c] = the old rows[c][r].
inline void transpose(Words (&rows)[kTileSize]) {
  constexpr auto kEachLane = std::make_index_sequence<kLanes>();
  swap_blocks<8>(rows, kEachLane);
  swap_blocks<4>(rows, kEachLane);
  swap_blocks<2>(rows, kEachLane);
  swap_blocks<1>(rows, kEachLane);
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

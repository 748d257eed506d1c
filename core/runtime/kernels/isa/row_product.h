#pragma once

#include "core/runtime/kernels/isa/arithmetic.h"
#include "core/runtime/kernels/panel.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// output[row][column] = finish(a(row, .) b(., column), column), rows of 64.
template <typename Arithmetic, typename Finish>
void multiply_rows(const typename Arithmetic::Element* a, TileStrides strides,
                   const typename Arithmetic::Element* b, std::size_t steps, std::size_t rows,
                   std::size_t columns, float* output, const Finish& finish) {
  for (std::size_t row = 0; row < rows; row += kTileRows) {
    const std::size_t left = rows - row;
    for_each_tile(row, left < kTileRows ? left : kTileRows, columns,
                  [&](auto tile_rows, auto tile_vectors, std::size_t first, std::size_t column) {
                    constexpr int kRows = decltype(tile_rows)::value;
                    constexpr int kVectors = decltype(tile_vectors)::value;
                    Floats sums[kRows][kVectors];
                    multiply_tile<Arithmetic, kRows, kVectors>(
                        a + first * strides.row, strides, b + column, kPanelTokens, steps, sums);
#pragma GCC unroll 8
                    for (int r = 0; r < kRows; ++r) {
                      float* to = output + (first + static_cast<std::size_t>(r)) * kPanelTokens;
#pragma GCC unroll 4
                      for (int v = 0; v < kVectors; ++v) {
                        const std::size_t at = column + static_cast<std::size_t>(v) * kLanes;
                        store(to + at, finish(sums[r][v], at));
                      }
                    }
                  });
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#pragma once

#include <type_traits>

#include "core/runtime/kernels/isa/epilogue.h"
#include "core/runtime/kernels/isa/tile_registers.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// Sums of two by two tiles that have yet to become results.
template <typename Element>
struct TileSums {
  const Element* sums = nullptr;  ///< At the row that is next; tile (r, c) at 2 r + c.
  std::size_t row = 0;            ///< Of the matrix.
  std::size_t end = 0;
  bool two_columns = false;
  const float* token_scales = nullptr;
  float* output = nullptr;            ///< At the row that is next.
  std::uint32_t* operands = nullptr;  ///< In its place, for `Epilogue::gelu_operands`.
};

/// Makes results of sums, some rows at a time.
template <typename Tiles, Epilogue kEpilogue>
class TileEpilogue {
 public:
  using Sums = TileSums<typename Tiles::Sum>;
  /// Rows that are finished together: pairs where they become a product's elements.
  static constexpr std::size_t kRows = kEpilogue == Epilogue::gelu_operands ? 2 : 1;

  explicit TileEpilogue(const Product& product)
      : terms_(*product.matrix),
        rows_(product.matrix->rows()),
        operand_columns_(element_count(Tiles::kFormat, rows_) * kTileSize) {}

  /// The next `count` times `kRows` rows, or those that are left.
  [[gnu::always_inline]] void finish(Sums& sums, std::size_t count) const {
    for (; count > 0 && sums.row < sums.end; --count) {
      finish_column(sums, 0);
      if (sums.two_columns) finish_column(sums, 1);
      sums.row += kRows;
      sums.output += kRows * kPanelTokens;
      sums.operands += kTileSize;
      sums.sums += kRows * kTileSize;
      // From the end of a tile to the tile below it.
      if (sums.row % kTileSize == 0) sums.sums += kTileElements;
    }
  }

 private:
  static constexpr bool kIsExact = is_float32(Tiles::kFormat);

  [[gnu::always_inline]] void finish_column(const Sums& sums, std::size_t column) const {
    if constexpr (kEpilogue == Epilogue::gelu_operands) {
      // Behind the last row: zero, in whole tiles.
      const auto result = [&](std::size_t row) {
        if (sums.row + row >= rows_) return Floats{};
        return gelu_as<kIsExact>(value(sums, row, column));
      };
      Floats rest[2] = {result(0), result(1)};
      std::uint32_t* const operands = sums.operands + column * operand_columns_;
      for (std::size_t part = 0; part < parts_of(Tiles::kFormat); ++part) {
        store(operands + part * kTileElements, take_pair(rest[0], rest[1]));
      }
    } else {
      kernels::PRUMUX_KERNEL_ISA::finish<kEpilogue, kIsExact>(value(sums, 0, column),
                                                              sums.output + column * kTileSize);
    }
  }

  /// W x + b of a row from the next one on.
  [[gnu::always_inline]] Floats value(const Sums& sums, std::size_t row, std::size_t column) const {
    using Vector = std::conditional_t<std::is_same_v<typename Tiles::Sum, float>, Floats, Ints>;
    const std::size_t at = sums.row + row;
    const auto sum = load<Vector>(sums.sums + column * kTileElements + row * kTileSize);
    return value_of<Tiles::kFormat>(sum, terms_, at, sums.token_scales + column * kTileSize);
  }

  RowTerms terms_;
  std::size_t rows_;
  std::size_t operand_columns_;  ///< Elements of a block of tokens.
};

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

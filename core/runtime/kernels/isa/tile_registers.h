#pragma once

#include <cstddef>
#include <cstdint>

#include "core/runtime/kernels/packed_matrix.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

// The eight tile registers of AMX, each of 16 rows by 64 bytes. GCC's own functions do not say that
// they read memory, so that stores in front of them may come too late: hence these.

constexpr std::size_t kTileElements = kTileSize * kTileSize;

/// Keeps the registers set up for whole tiles on this thread. Given back at the end, they cost
/// nothing when threads change places.
class TileRegisters {
 public:
  TileRegisters() {
    Configuration configuration = {};
    configuration.palette = 1;
    for (int tile = 0; tile < 8; ++tile) {
      configuration.row_bytes[tile] = kTileSize * 4;
      configuration.rows[tile] = kTileSize;
    }
    asm volatile("ldtilecfg %0" ::"m"(configuration));
  }
  ~TileRegisters() { asm volatile("tilerelease"); }
  TileRegisters(const TileRegisters&) = delete;
  TileRegisters& operator=(const TileRegisters&) = delete;

 private:
  /// As the processor reads it.
  struct alignas(64) Configuration {
    std::uint8_t palette;
    std::uint8_t start_row;
    std::uint8_t reserved[14];
    std::uint16_t row_bytes[16];
    std::uint8_t rows[16];
  };
};

template <int kTile>
inline void clear_tile() {
  asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
}

template <int kTile, typename Element>
inline void load_tile(const Element* from) {
  static_assert(sizeof(Element) == 4);
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(kTileSize * 4), "i"(kTile)
               : "memory");
}

/// The same, of what need not stay in the first cache.
template <int kTile, typename Element>
inline void load_passing_tile(const Element* from) {
  static_assert(sizeof(Element) == 4);
  asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(kTileSize * 4), "i"(kTile)
               : "memory");
}

template <int kTile, typename Element>
inline void store_tile(Element* to) {
  static_assert(sizeof(Element) == 4);
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(kTileSize * 4), "i"(kTile)
               : "memory");
}

/// Tiles of pairs of bfloat16; sums are float32.
struct Bfloat16Tiles {
  using Sum = float;
  static constexpr NumberFormat kFormat = NumberFormat::tiled_bfloat16;
  template <int kSum, int kRows, int kColumns>
  static void multiply_add() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kRows), "i"(kColumns));
  }
};

/// Numbers as sums of three bfloat16: of the nine products six matter to float32.
struct Float32Tiles : Bfloat16Tiles {
  static constexpr NumberFormat kFormat = NumberFormat::tiled_float32;
};

/// Tiles of four bytes, signed in the rows and unsigned in the columns; sums are int32.
struct Int8Tiles {
  using Sum = std::int32_t;
  static constexpr NumberFormat kFormat = NumberFormat::tiled_int8;
  template <int kSum, int kRows, int kColumns>
  static void multiply_add() {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kRows), "i"(kColumns));
  }
};

/// Tiles, of which each lies contiguously, as do those of a row or a column of them.
struct TileOperands {
  const std::uint32_t* rows;
  std::size_t row_stride;  ///< From a row of tiles to the next one.
  const std::uint32_t* columns;
  std::size_t column_stride;
};

/// Sums of one or two rows of tiles with one or two columns; sum (r, c) is in register 2 r + c.
template <typename Tiles, int kRows, int kColumns>
class TileSumRegisters {
 public:
  static void clear() {
    clear_tile<0>();
    if constexpr (kColumns > 1) clear_tile<1>();
    if constexpr (kRows > 1) clear_tile<2>();
    if constexpr (kRows > 1 && kColumns > 1) clear_tile<3>();
  }

  static void load_rows(const TileOperands& operands, std::size_t part = 0) {
    load_tile<4>(operands.rows + part * kTileElements);
    if constexpr (kRows > 1)
      load_tile<5>(operands.rows + operands.row_stride + part * kTileElements);
  }

  static void load_columns(const TileOperands& operands, std::size_t part = 0) {
    const std::uint32_t* const from = operands.columns + part * kTileElements;
    load_passing_tile<6>(from);
    if constexpr (kColumns > 1) load_passing_tile<7>(from + operands.column_stride);
  }

  static void multiply_add() {
    Tiles::template multiply_add<0, 4, 6>();
    if constexpr (kColumns > 1) Tiles::template multiply_add<1, 4, 7>();
    if constexpr (kRows > 1) Tiles::template multiply_add<2, 5, 6>();
    if constexpr (kRows > 1 && kColumns > 1) Tiles::template multiply_add<3, 5, 7>();
  }

  /// The sums to where those of a row and a column begin.
  template <typename Element>
  static void store(Element* to, std::size_t row_stride, std::size_t column_stride) {
    store_tile<0>(to);
    if constexpr (kColumns > 1) store_tile<1>(to + column_stride);
    if constexpr (kRows > 1) store_tile<2>(to + row_stride);
    if constexpr (kRows > 1 && kColumns > 1) store_tile<3>(to + row_stride + column_stride);
  }
};

/// Sums over `tiles` tiles, their parts included. Calls `between()` in between as often, for work
/// of the other units.
template <typename Tiles, int kRows, int kColumns, typename Between>
[[gnu::always_inline]] inline void multiply_tiles(TileOperands operands, std::size_t tiles,
                                                  const Between& between) {
  using Registers = TileSumRegisters<Tiles, kRows, kColumns>;
  constexpr std::size_t kParts = parts_of(Tiles::kFormat);
  Registers::clear();
  for (std::size_t tile = 0; tile < tiles; tile += kParts) {
    if constexpr (kParts == 1) {
      Registers::load_rows(operands);
      Registers::load_columns(operands);
      between();
      Registers::multiply_add();
    } else {
      static_assert(kParts == 3);
      // Every pair of parts whose product reaches into the digits of float32.
      Registers::load_rows(operands, 0);
      Registers::load_columns(operands, 2);
      between();
      Registers::multiply_add();
      Registers::load_columns(operands, 1);
      Registers::multiply_add();
      Registers::load_rows(operands, 1);
      between();
      Registers::multiply_add();
      Registers::load_columns(operands, 0);
      Registers::multiply_add();
      Registers::load_rows(operands, 2);
      between();
      Registers::multiply_add();
      Registers::load_rows(operands, 0);
      Registers::multiply_add();
    }
    operands.rows += kParts * kTileElements;
    operands.columns += kParts * kTileElements;
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#pragma once

#include "core/runtime/kernels/isa/half.h"
#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/packed_matrix.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

// The ways to multiply: sum += a * b, where b is a vector of elements and a one element that
// every lane is multiplied with.

/// Where `Sum` is not what products are added to at first.
template <typename Arithmetic>
concept HasPartialSums = requires {
  typename Arithmetic::PartialSum;
};

struct Float32Arithmetic {
  static constexpr NumberFormat kFormat = NumberFormat::float32;
  using Element = float;
  using Operand = Floats;
  using Sum = Floats;
  static Operand spread(const Element* from) { return broadcast(*from); }
  static void multiply_add(Sum& sum, Operand a, Operand b) { sum += a * b; }
};

struct Bfloat16Arithmetic {
  static constexpr NumberFormat kFormat = NumberFormat::bfloat16;
  using Element = std::uint32_t;  ///< Two, of consecutive features.
  using Operand = Words;
  using Sum = Floats;
  static Operand spread(const Element* from) { return Words{} + *from; }
  static void multiply_add(Sum& sum, Operand a, Operand b) {
#if defined(__AVX512BF16__)
    sum = reinterpret<Floats>(_mm512_dpbf16_ps(reinterpret<__m512>(sum), reinterpret<__m512bh>(a),
                                               reinterpret<__m512bh>(b)));
#else
    sum += reinterpret<Floats>(a << 16) * reinterpret<Floats>(b << 16);
    sum += reinterpret<Floats>(a & 0xFFFF0000U) * reinterpret<Floats>(b & 0xFFFF0000U);
#endif
  }
};

#if defined(__AVX512FP16__)
/// Sums of few products of either sign are exact enough in half precision: of so many they are off
/// by no more than what rounding their factors to bfloat16 makes.
struct Float16Arithmetic {
  static constexpr NumberFormat kFormat = NumberFormat::float16;
  static constexpr std::size_t kPartialSteps = kHalfSumFeatures / 2;
  using Element = std::uint32_t;  ///< Two, of consecutive features.
  using Operand = Halves;
  using PartialSum = Halves;  ///< Of every second feature side by side.
  using Sum = Floats;
  static Operand spread(const Element* from) { return reinterpret<Halves>(Words{} + *from); }
  static void multiply_add(PartialSum& sum, Operand a, Operand b) { sum += a * b; }
  static Sum total(PartialSum sum) { return sum_of_pairs(sum); }
};
#endif

struct Int8Arithmetic {
  static constexpr NumberFormat kFormat = NumberFormat::int8;
  using Element = std::uint32_t;  ///< Four: signed in a, unsigned in b.
  using Operand = Words;
  using Sum = Ints;
  static Operand spread(const Element* from) { return Words{} + *from; }
  static void multiply_add(Sum& sum, Operand a, Operand b) {
#if defined(__AVX512VNNI__)
    sum = reinterpret<Ints>(_mm512_dpbusd_epi32(reinterpret<__m512i>(sum), reinterpret<__m512i>(b),
                                                reinterpret<__m512i>(a)));
#else
    for (int byte = 0; byte < 4; ++byte) {
      const Ints weight = reinterpret<Ints>(a << (24 - 8 * byte)) >> 24;
      sum += weight * reinterpret<Ints>((b >> (8 * byte)) & 0xFFU);
    }
#endif
  }
};

/// Without VNNI twice as fast as bytes, whose signs do not fit the instructions that there are.
struct WidenedInt8Arithmetic {
  static constexpr NumberFormat kFormat = NumberFormat::widened_int8;
  using Element = std::uint32_t;  ///< Two, signed.
  using Operand = Words;
  using Sum = Ints;
  static Operand spread(const Element* from) { return Words{} + *from; }
  static void multiply_add(Sum& sum, Operand a, Operand b) {
#if defined(__AVX512BW__)
    sum += reinterpret<Ints>(_mm512_madd_epi16(reinterpret<__m512i>(a), reinterpret<__m512i>(b)));
#elif defined(__AVX2__)
    sum += reinterpret<Ints>(_mm256_madd_epi16(reinterpret<__m256i>(a), reinterpret<__m256i>(b)));
#else
    const auto low = [](Words pair) { return reinterpret<Ints>(pair << 16) >> 16; };
    const auto high = [](Words pair) { return reinterpret<Ints>(pair) >> 16; };
    sum += low(a) * low(b) + high(a) * high(b);
#endif
  }
};

/// Rows and vectors of a tile whose sums stay in registers.
constexpr int kTileRows = 6;
#if defined(__AVX512F__)
constexpr int kTileVectors = 4;
constexpr std::size_t kStepsAhead = 0;
#else
constexpr int kTileVectors = 2;
// A tile narrower than a panel skips from line to line, which the processor does not foresee.
constexpr std::size_t kStepsAhead = 12;
#endif

/// Where the elements a of a tile lie: row r at step k at [r * row + k * step].
struct TileStrides {
  std::size_t row;
  std::size_t step;
  std::size_t ahead = 0;  ///< From an element to the one that is prefetched beside it.
};

/// sums[r][v] = sum over k < steps of a(r, k) * b(k)[v], b(k) at `b + k * b_step`.
template <typename Arithmetic, typename Sum, int Rows, int Vectors>
[[gnu::always_inline]] inline void sum_products(const typename Arithmetic::Element* a,
                                                TileStrides strides,
                                                const typename Arithmetic::Element* b,
                                                std::size_t b_step, std::size_t steps,
                                                Sum (&sums)[Rows][Vectors]) {
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sums[r][v] = Sum{};
  }
  for (std::size_t k = 0; k < steps; ++k) {
    typename Arithmetic::Operand columns[Vectors];
    __builtin_prefetch(a + strides.ahead);
    if constexpr (kStepsAhead > 0) __builtin_prefetch(b + kStepsAhead * b_step);
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      columns[v] = load<typename Arithmetic::Operand>(b + static_cast<std::size_t>(v) * kLanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const auto row = Arithmetic::spread(a + static_cast<std::size_t>(r) * strides.row);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) Arithmetic::multiply_add(sums[r][v], row, columns[v]);
    }
    a += strides.step;
    b += b_step;
  }
}

/// sums = (or +=) those of at most `kPartialSteps` steps from `done` on.
template <typename Arithmetic, bool kIsFirst, int Rows, int Vectors>
[[gnu::always_inline]] inline void sum_part(const typename Arithmetic::Element* a,
                                            TileStrides strides,
                                            const typename Arithmetic::Element* b,
                                            std::size_t b_step, std::size_t done, std::size_t steps,
                                            typename Arithmetic::Sum (&sums)[Rows][Vectors]) {
  const std::size_t left = steps - done;
  typename Arithmetic::PartialSum partial[Rows][Vectors];
  sum_products<Arithmetic>(a + done * strides.step, strides, b + done * b_step, b_step,
                           left < Arithmetic::kPartialSteps ? left : Arithmetic::kPartialSteps,
                           partial);
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const typename Arithmetic::Sum total = Arithmetic::total(partial[r][v]);
      sums[r][v] = kIsFirst ? total : sums[r][v] + total;
    }
  }
}

/// As `sum_products`, part by part where sums cannot hold all.
template <typename Arithmetic, int Rows, int Vectors>
[[gnu::always_inline]] inline void multiply_tile(const typename Arithmetic::Element* a,
                                                 TileStrides strides,
                                                 const typename Arithmetic::Element* b,
                                                 std::size_t b_step, std::size_t steps,
                                                 typename Arithmetic::Sum (&sums)[Rows][Vectors]) {
  if constexpr (HasPartialSums<Arithmetic>) {
    sum_part<Arithmetic, true>(a, strides, b, b_step, 0, steps, sums);
    for (std::size_t done = Arithmetic::kPartialSteps; done < steps;
         done += Arithmetic::kPartialSteps) {
      sum_part<Arithmetic, false>(a, strides, b, b_step, done, steps, sums);
    }
  } else {
    sum_products<Arithmetic>(a, strides, b, b_step, steps, sums);
  }
}

template <int Value>
struct Constant {
  static constexpr int value = Value;
};

/// Calls `work(Constant<n>)` for n in 1..Most.
template <int Most, typename Work>
[[gnu::always_inline]] inline void with_constant(std::size_t n, const Work& work) {
  if constexpr (Most > 1) {
    if (n < static_cast<std::size_t>(Most)) {
      with_constant<Most - 1>(n, work);
      return;
    }
  }
  work(Constant<Most>{});
}

/// Splits `rows` x `columns` (a multiple of `kTokenBlock`) into tiles:
/// `work(Constant<rows>, Constant<vectors>, row, column)`.
template <typename Work>
[[gnu::always_inline]] inline void for_each_tile(std::size_t row, std::size_t rows,
                                                 std::size_t columns, const Work& work) {
  constexpr std::size_t kTileColumns = kTileVectors * kLanes;
  with_constant<kTileRows>(rows, [&](auto tile_rows) {
    std::size_t column = 0;
    for (; column + kTileColumns <= columns; column += kTileColumns) {
      work(tile_rows, Constant<kTileVectors>{}, row, column);
    }
    if (column < columns) {
      with_constant<kTileVectors>((columns - column) / kLanes,
                                  [&](auto vectors) { work(tile_rows, vectors, row, column); });
    }
  });
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

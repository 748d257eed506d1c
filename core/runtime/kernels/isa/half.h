#pragma once

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/packed_matrix.h"

// Where there are instructions for numbers of half precision.
#if defined(__AVX512FP16__)

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

using Halves [[gnu::vector_size(kLanes * 4)]] = _Float16;

/// The nearest ones; of larger numbers than an activation may be: the largest.
inline __m256i halves_of(Floats x) {
  const Floats bounded =
      maximum(minimum(x, broadcast(kLargestHalfActivation)), broadcast(-kLargestHalfActivation));
  return reinterpret<__m256i>(_mm512_cvtxps_ph(reinterpret<__m512>(bounded)));
}

/// Pairs of halves, `low` in the lower one.
inline Words half_pair_of(Floats low, Floats high) {
  constexpr __mmask16 kAll = 0xFFFF;
  const auto lower = reinterpret<Words>(_mm512_maskz_cvtepu16_epi32(kAll, halves_of(low)));
  const auto upper = reinterpret<Words>(_mm512_maskz_cvtepu16_epi32(kAll, halves_of(high)));
  return lower | (upper << 16);
}

/// The numbers of `first`, then those of `second`, as neighbouring halves.
inline Words narrow_to_halves(Floats first, Floats second) {
  return reinterpret<Words>(_mm512_maskz_inserti64x4(0xFF, _mm512_castsi256_si512(halves_of(first)),
                                                     halves_of(second), 1));
}

/// Of neighbours.
inline Floats sum_of_pairs(Halves halves) {
  const Halves both = halves + reinterpret<Halves>(reinterpret<Words>(halves) >> 16);
  const __m256i sums = _mm512_maskz_cvtepi32_epi16(0xFFFF, reinterpret<__m512i>(both));
  return reinterpret<Floats>(_mm512_cvtxph_ps(reinterpret<__m256h>(sums)));
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#endif

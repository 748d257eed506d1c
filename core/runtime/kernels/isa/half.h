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

/// The numbers of `first`, then those of `second`, as neighbouring halves.
inline Words narrow_to_halves(Floats first, Floats second) {
  return reinterpret<Words>(_mm512_maskz_inserti64x4(0xFF, _mm512_castsi256_si512(halves_of(first)),
                                                     halves_of(second), 1));
}

/// Pairs of halves, `low` in the lower one.
inline Words half_pair_of(Floats low, Floats high) {
  using Words16 [[gnu::vector_size(64)]] = std::uint16_t;
  constexpr Words16 kInterleaved = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                    8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return reinterpret<Words>(_mm512_permutexvar_epi16(
      reinterpret<__m512i>(kInterleaved), reinterpret<__m512i>(narrow_to_halves(low, high))));
}

/// x - 0 rather than x, as `broadcast(float)`.
inline Halves broadcast_half(float value) { return static_cast<_Float16>(value) - Halves{}; }

/// Of no number and b: no number.
inline Halves larger_of(Halves a, Halves b) {
  return reinterpret<Halves>(_mm512_max_ph(reinterpret<__m512h>(b), reinterpret<__m512h>(a)));
}

/// Neighbours change places.
inline Halves swap_pairs(Halves x) {
  const Words words = reinterpret<Words>(x);
  return reinterpret<Halves>((words << 16) | (words >> 16));
}

/// 2^x to 2e-4, for x <= 15; 0 far below.
inline Halves power_of_two(Halves x) {
  constexpr __mmask32 kAll = 0xFFFFFFFF;
  const Halves bounded = larger_of(x, broadcast_half(-30.0F));
  const auto n =
      reinterpret<Halves>(_mm512_maskz_roundscale_ph(kAll, reinterpret<__m512h>(bounded), 0));
  const Halves rest = bounded - n;
  Halves p = broadcast_half(0.0551715F);
  p = p * rest + broadcast_half(0.242611F);
  p = p * rest + broadcast_half(0.693261F);
  p = p * rest + broadcast_half(0.999928F);
  return reinterpret<Halves>(
      _mm512_maskz_scalef_ph(kAll, reinterpret<__m512h>(p), reinterpret<__m512h>(n)));
}

/// Sums of the neighbours of `first` and of `second`, as pairs.
inline Words sums_of_pairs(Halves first, Halves second) {
  constexpr __mmask32 kOdd = 0xAAAAAAAA;
  const auto blend = [](Words even, Words odd) {
    return reinterpret<Halves>(
        _mm512_mask_blend_epi16(kOdd, reinterpret<__m512i>(even), reinterpret<__m512i>(odd)));
  };
  const Words low = reinterpret<Words>(first);
  const Words high = reinterpret<Words>(second);
  return reinterpret<Words>(blend(low, high << 16) + blend(low >> 16, high));
}

/// Of neighbours.
inline Floats sum_of_pairs(Halves halves) {
  const Halves both = halves + reinterpret<Halves>(reinterpret<Words>(halves) >> 16);
  const __m256i sums = _mm512_maskz_cvtepi32_epi16(0xFFFF, reinterpret<__m512i>(both));
  return reinterpret<Floats>(_mm512_cvtxph_ps(reinterpret<__m256h>(sums)));
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#endif

#pragma once

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/packed_matrix.h"

// Where there are instructions for numbers of half precision.
#if defined(__AVX512FP16__)

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

using Halves [[gnu::vector_size(kLanes * 4)]] = _Float16;

/// x - 0 rather than x, as `broadcast(float)`.
inline Halves broadcast_half(float value) { return static_cast<_Float16>(value) - Halves{}; }

/// Of no number and b: no number.
inline Halves maximum(Halves a, Halves b) {
  return reinterpret<Halves>(_mm512_max_ph(reinterpret<__m512h>(b), reinterpret<__m512h>(a)));
}
inline Halves minimum(Halves a, Halves b) {
  return reinterpret<Halves>(_mm512_min_ph(reinterpret<__m512h>(b), reinterpret<__m512h>(a)));
}

inline __m256i halves_of(Floats x) {
  return reinterpret<__m256i>(_mm512_cvtxps_ph(reinterpret<__m512>(x)));
}

/// The numbers of `first`, then those of `second`, as neighbouring halves: the nearest ones; of
/// larger numbers than an activation may be the largest.
inline Words narrow_to_halves(Floats first, Floats second) {
  const auto halves = reinterpret<Halves>(_mm512_maskz_inserti64x4(
      0xFF, _mm512_castsi256_si512(halves_of(first)), halves_of(second), 1));
  return reinterpret<Words>(maximum(minimum(halves, broadcast_half(kLargestHalfActivation)),
                                    broadcast_half(-kLargestHalfActivation)));
}

/// Pairs of halves, `low` in the lower one.
inline Words half_pair_of(Floats low, Floats high) {
  return interleave(narrow_to_halves(low, high));
}

/// Neighbours change places.
inline Halves swap_pairs(Halves x) {
  const Words words = reinterpret<Words>(x);
  return reinterpret<Halves>((words << 16) | (words >> 16));
}

/// 2^x to 1e-4 and the rounding of halves, for x <= 15; 0 far below.
inline Halves power_of_two(Halves x) {
  constexpr __mmask32 kAll = 0xFFFFFFFF;
  const Halves bounded = maximum(x, broadcast_half(-30.0F));
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

/// As `coarse_gelu_of`, to 3e-3 and the rounding of halves: what is added to 1/2 is x / 3.8 times a
/// polynomial in its square, as a number between -1 and 1, where halves lose nothing by
/// cancellation.
[[gnu::always_inline]] inline Halves gelu_of(Halves x) {
  const Halves z = maximum(minimum(x * broadcast_half(1.0F / 3.8F), broadcast_half(1.0F)),
                           broadcast_half(-1.0F));
  const Halves w = z * z * broadcast_half(2.0F) - broadcast_half(1.0F);
  Halves p = broadcast_half(-0.0352293F);
  p = p * w + broadcast_half(0.0948517F);
  p = p * w + broadcast_half(-0.13906F);
  p = p * w + broadcast_half(0.206029F);
  p = p * w + broadcast_half(-0.328955F);
  p = p * w + broadcast_half(0.702149F);
  return x * (z * p + broadcast_half(0.5F));
}

/// Of neighbours.
inline Floats sum_of_pairs(Halves halves) {
  const Halves both = halves + reinterpret<Halves>(reinterpret<Words>(halves) >> 16);
  const __m256i sums = _mm512_maskz_cvtepi32_epi16(0xFFFF, reinterpret<__m512i>(both));
  return reinterpret<Floats>(_mm512_cvtxph_ps(reinterpret<__m256h>(sums)));
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#endif

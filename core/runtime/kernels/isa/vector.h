#pragma once

// Included only by the kernels, which are compiled once for each instruction set, in the namespace
// PRUMUX_KERNEL_ISA. Nothing here may be shared between them, hence no standard containers.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

#if defined(__AVX512F__)
constexpr std::size_t kLanes = 16;
#elif defined(__AVX2__)
constexpr std::size_t kLanes = 8;
#else
constexpr std::size_t kLanes = 4;
#endif

using Floats [[gnu::vector_size(kLanes * 4)]] = float;
using Ints [[gnu::vector_size(kLanes * 4)]] = std::int32_t;
using Words [[gnu::vector_size(kLanes * 4)]] = std::uint32_t;

/// `value - 0`, since the compiler would have to compute `value + 0`, which is not -0 for -0.
inline Floats broadcast(float value) { return value - Floats{}; }

template <typename Vector, typename Element>
inline Vector load(const Element* from) {
  static_assert(sizeof(Element) == 4);
  Vector result;
  std::memcpy(&result, from, sizeof(result));
  return result;
}

template <typename Vector, typename Element>
inline void store(Element* to, Vector value) {
  static_assert(sizeof(Element) == 4);
  std::memcpy(to, &value, sizeof(value));
}

inline Floats load_floats(const float* from) { return load<Floats>(from); }
/// Of bfloat16.
inline Floats load_floats(const std::uint16_t* from) {
  using ShortWords [[gnu::vector_size(kLanes * 2)]] = std::uint16_t;
  ShortWords bits;
  std::memcpy(&bits, from, sizeof(bits));
#if defined(__AVX512F__)
  const auto words =
      reinterpret_cast<Words>(_mm512_maskz_cvtepu16_epi32(0xFFFF, reinterpret_cast<__m256i>(bits)));
#else
  const auto words = __builtin_convertvector(bits, Words);
#endif
  return reinterpret_cast<Floats>(words << 16);
}
inline float load_float(const float* from) { return *from; }
inline float load_float(const std::uint16_t* from) {
  const std::uint32_t bits = static_cast<std::uint32_t>(*from) << 16U;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <typename To, typename From>
inline To reinterpret(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return reinterpret_cast<To>(from);
}

inline Floats select(Ints condition, Floats yes, Floats no) { return condition ? yes : no; }
/// Of no number and b: no number, so that damage shows in the end.
inline Floats maximum(Floats a, Floats b) {
#if defined(__AVX512F__)
  // The compiler would make a comparison and a blend of it.
  return reinterpret<Floats>(
      _mm512_maskz_max_ps(0xFFFF, reinterpret<__m512>(b), reinterpret<__m512>(a)));
#else
  return select(b > a, b, a);
#endif
}
inline Floats minimum(Floats a, Floats b) {
#if defined(__AVX512F__)
  return reinterpret<Floats>(
      _mm512_maskz_min_ps(0xFFFF, reinterpret<__m512>(b), reinterpret<__m512>(a)));
#else
  return select(b < a, b, a);
#endif
}
inline Floats absolute(Floats x) {
  return reinterpret<Floats>(reinterpret<Words>(x) & 0x7FFFFFFFU);
}

/// Every lane gets the one so far behind it.
template <std::size_t kDistance, std::size_t... kLane>
inline Floats rotate(Floats x, std::index_sequence<kLane...>) {
  return __builtin_shufflevector(x, x, (kLane + kDistance) % kLanes...);
}

/// By halves: a chain of additions would take longer than what is summed up.
template <std::size_t kHalf = kLanes / 2>
inline float sum_of(Floats x) {
  x += rotate<kHalf>(x, std::make_index_sequence<kLanes>());
  if constexpr (kHalf > 1) {
    return sum_of<kHalf / 2>(x);
  } else {
    return x[0];
  }
}

inline Floats square_root(Floats x) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) x[lane] = __builtin_sqrtf(x[lane]);
  return x;
}

/// Nearest integer, |x| < 2^22.
inline Ints round_to_int(Floats x) {
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: its last bit is worth one
  const Floats shifted = x + kShift;
  return reinterpret<Ints>(shifted) - reinterpret<Ints>(broadcast(kShift));
}

/// e^r for |r| <= ln 2 / 2, to half a unit in the last place.
inline Floats exponential_of_rest(Floats r) {
  Floats p = broadcast(1.0F / 720.0F);
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  return p * r + 1.0F;
}

/// x - n ln 2; ln 2 in two parts, so that the difference is exact.
inline Floats rest_of(Floats x, Floats n) { return (x - n * 0.693359375F) + n * 2.12194440e-4F; }

/// e^x to about 2 units in the last place, for x <= 88; 0 far below -87.
inline Floats exponential(Floats x) {
#if defined(__AVX512F__)
  constexpr __mmask16 kAll = 0xFFFF;
  const auto n = reinterpret<Floats>(
      _mm512_maskz_roundscale_ps(kAll, reinterpret<__m512>(x * 1.44269504F), 0));
  const Floats power = exponential_of_rest(rest_of(x, n));
  return reinterpret<Floats>(
      _mm512_maskz_scalef_ps(kAll, reinterpret<__m512>(power), reinterpret<__m512>(n)));
#else
  const Floats bounded = maximum(minimum(x, broadcast(88.0F)), broadcast(-87.5F));
  const Ints n = round_to_int(bounded * 1.44269504F);
  const Floats power = reinterpret<Floats>((n + 127) << 23);
  const Floats rest = rest_of(bounded, __builtin_convertvector(n, Floats));
  return select(x < -87.0F, Floats{}, exponential_of_rest(rest) * power);
#endif
}

inline Floats reciprocal(Floats x) {
#if defined(__AVX512F__)
  // One step of Newton's method from 14 bits.
  const auto guess = reinterpret<Floats>(_mm512_maskz_rcp14_ps(0xFFFF, reinterpret<__m512>(x)));
  return guess * (2.0F - x * guess);
#else
  return 1.0F / x;
#endif
}

/// x Phi(x). erf is a rational function, fitted to 2e-8 below 3.92 and 1 - 3e-8 there.
[[gnu::always_inline]] inline Floats gelu_of(Floats x) {
  constexpr float kBound = 3.92F;
  const Floats z = maximum(minimum(x * 0.707106781F, broadcast(kBound)), broadcast(-kBound));
  const Floats u = z * z;
  Floats p = broadcast(2.05014973e-6F);
  p = p * u + 2.84871373e-4F;
  p = p * u + 3.76517558e-3F;
  p = p * u + 5.27473773e-2F;
  p = p * u + 1.90396382e-1F;
  p = p * u + 1.12837915F;
  Floats q = broadcast(3.80917602e-5F);
  q = q * u + 1.16242535e-3F;
  q = q * u + 1.49683417e-2F;
  q = q * u + 1.14104930e-1F;
  q = q * u + 5.02067145e-1F;
  q = q * u + 1.0F;
  const Floats half = x * 0.5F;
  return half + half * (z * p * reciprocal(q));
}

/// x Phi(x) to 2e-4, which bfloat16 and bytes cannot tell from it: Phi is an odd polynomial about
/// 1/2, fitted below 3.8, where it is 1.
[[gnu::always_inline]] inline Floats coarse_gelu_of(Floats x) {
  constexpr float kBound = 3.8F;
  const Floats z = maximum(minimum(x, broadcast(kBound)), broadcast(-kBound));
  const Floats u = z * z;
  Floats p = broadcast(3.2855988e-8F);
  p = p * u - 2.09072296e-6F;
  p = p * u + 5.73397275e-5F;
  p = p * u - 9.0201369e-4F;
  p = p * u + 9.19077752e-3F;
  p = p * u - 6.54976786e-2F;
  p = p * u + 3.98586539e-1F;
  return x * (z * p + 0.5F);
}

inline Floats tanh_of(Floats x) {
  const Floats bounded = maximum(minimum(x, broadcast(10.0F)), broadcast(-10.0F));
  return 1.0F - 2.0F / (exponential(bounded * 2.0F) + 1.0F);
}

/// Bits of the nearest bfloat16, in the upper half. What is no number stays none.
inline Words round_to_bfloat16(Floats x) {
  const Words bits = reinterpret<Words>(x);
  const Words infinity = Words{} + 0x7F800000U;
  return (bits & 0x7FFFFFFFU) > infinity ? bits | 0x400000U : bits + 0x7FFFU + ((bits >> 16) & 1U);
}

#if defined(__AVX512BW__)
/// Pairs of 16 bits each: the first half of the numbers in the lower ones, the second in the upper.
inline Words interleave(Words numbers) {
  using ShortWords [[gnu::vector_size(64)]] = std::uint16_t;
  constexpr ShortWords kOrder = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return reinterpret<Words>(
      _mm512_permutexvar_epi16(reinterpret<__m512i>(kOrder), reinterpret<__m512i>(numbers)));
}
#endif

/// The numbers of `first`, then those of `second`, as neighbouring bfloat16.
inline Words narrow_to_bfloat16(Floats first, Floats second) {
#if defined(__AVX512BF16__)
  return reinterpret<Words>(
      _mm512_cvtne2ps_pbh(reinterpret<__m512>(second), reinterpret<__m512>(first)));
#else
  const Words bits[2] = {round_to_bfloat16(first), round_to_bfloat16(second)};
  Words result;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const Words& from = bits[2 * lane / kLanes];
    const std::size_t at = 2 * lane % kLanes;
    result[lane] = (from[at] >> 16) | (from[at + 1] & 0xFFFF0000U);
  }
  return result;
#endif
}

/// Pairs of bfloat16, `low` in the lower half.
inline Words bfloat16_pair_of(Floats low, Floats high) {
#if defined(__AVX512BF16__)
  return interleave(narrow_to_bfloat16(low, high));
#else
  return (round_to_bfloat16(low) >> 16) | (round_to_bfloat16(high) & 0xFFFF0000U);
#endif
}

/// Pairs of what is nearest to the values, which keep the rest.
inline Words take_pair(Floats& low, Floats& high) {
  const Words pair = bfloat16_pair_of(low, high);
  low -= reinterpret<Floats>(pair << 16);
  high -= reinterpret<Floats>(pair & 0xFFFF0000U);
  return pair;
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

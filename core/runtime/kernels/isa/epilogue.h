#pragma once

#include "core/runtime/kernels/isa/half.h"
#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// Where a matrix has what its rows' sums are changed by. A copy on the stack: what is written
/// between two reads of the matrix itself might have changed it, for all that the compiler knows.
struct RowTerms {
  const float* bias;
  const float* scales;
  const std::int32_t* corrections;

  explicit RowTerms(const PackedMatrix& matrix)
      : bias(matrix.bias()), scales(matrix.scales()), corrections(matrix.corrections()) {}
};

/// W x + b of a row at some tokens, of the sums.
template <NumberFormat kFormat, typename Sum>
[[gnu::always_inline]] inline Floats value_of(Sum sum, const RowTerms& terms, std::size_t row,
                                              const float* token_scales) {
  if constexpr (has_offset(kFormat)) sum -= terms.corrections[row];
  Floats value = __builtin_convertvector(sum, Floats);
  if constexpr (is_quantised(kFormat)) value *= load_floats(token_scales);
  if constexpr (has_scales(kFormat)) value *= terms.scales[row];
  return value + terms.bias[row];
}

template <bool kIsExact>
[[gnu::always_inline]] inline Floats gelu_as(Floats x) {
  return kIsExact ? gelu_of(x) : coarse_gelu_of(x);
}

/// gelu(low) and gelu(high) as pairs of a format's numbers.
template <NumberFormat kFormat>
[[gnu::always_inline]] inline Words gelu_pair_of(Floats low, Floats high) {
#if defined(__AVX512FP16__)
  if constexpr (kFormat == NumberFormat::float16) {
    return reinterpret<Words>(gelu_of(reinterpret<Halves>(half_pair_of(low, high))));
  }
#endif
  return bfloat16_pair_of(coarse_gelu_of(low), coarse_gelu_of(high));
}

/// What a product makes of W x + b, and writes to `to`.
template <Epilogue kEpilogue, bool kIsExact>
[[gnu::always_inline]] inline void finish(Floats sum, float* to) {
  if constexpr (kEpilogue == Epilogue::gelu) sum = gelu_as<kIsExact>(sum);
  if constexpr (kEpilogue == Epilogue::add) sum += load_floats(to);
  store(to, sum);
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

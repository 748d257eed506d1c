#pragma once

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// Sums of a row at some tokens, as numbers without the bias.
template <bool kSumsOffset>
inline Floats value_of(Floats sum, const PackedMatrix&, std::size_t, const float*) {
  return sum;
}

template <bool kSumsOffset>
inline Floats value_of(Ints sum, const PackedMatrix& matrix, std::size_t row,
                       const float* token_scales) {
  if constexpr (kSumsOffset) sum -= matrix.corrections()[row];
  return __builtin_convertvector(sum, Floats) * matrix.scales()[row] * load_floats(token_scales);
}

template <bool kIsExact>
inline Floats gelu_as(Floats x) {
  return kIsExact ? gelu_of(x) : coarse_gelu_of(x);
}

/// What a product makes of W x + b, and writes to `to`.
template <Epilogue kEpilogue, bool kIsExact>
inline void finish(Floats sum, float* to) {
  if constexpr (kEpilogue == Epilogue::gelu) sum = gelu_as<kIsExact>(sum);
  if constexpr (kEpilogue == Epilogue::add) sum += load_floats(to);
  store(to, sum);
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

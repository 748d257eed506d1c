#pragma once

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

/// Sums of a row at some tokens, as numbers without the bias.
template <NumberFormat kFormat, typename Sum>
inline Floats value_of(Sum sum, const PackedMatrix& matrix, std::size_t row,
                       const float* token_scales) {
  if constexpr (has_offset(kFormat)) sum -= matrix.corrections()[row];
  Floats value = __builtin_convertvector(sum, Floats);
  if constexpr (has_scales(kFormat)) value *= matrix.scales()[row];
  if constexpr (is_quantised(kFormat)) value *= load_floats(token_scales);
  return value;
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

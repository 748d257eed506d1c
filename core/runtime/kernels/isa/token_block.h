#pragma once

#include "core/runtime/kernels/isa/vector.h"
#include "core/runtime/kernels/panel.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

inline __mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFFU : (1U << count) - 1U);
}

/// Up to 16 tokens of panels from anywhere on, which may be in two panels.
class TokenBlock {
 public:
  TokenBlock(std::size_t panel_stride, std::size_t begin, std::size_t count)
      : first_(begin / kPanelTokens * panel_stride + begin % kPanelTokens) {
    const std::size_t room = kPanelTokens - begin % kPanelTokens;
    all_ = first_lanes(count);
    here_ = static_cast<__mmask16>(all_ & first_lanes(room));
    // Where its lanes would begin if it were as long as the first part.
    next_ = first_ - begin % kPanelTokens + panel_stride - room;
  }

  /// Of one feature; zero in the other lanes.
  Floats load(const float* feature) const {
    const __m512 part = _mm512_maskz_loadu_ps(here_, feature + first_);
    if (here_ == all_) return reinterpret<Floats>(part);
    return reinterpret<Floats>(
        _mm512_mask_loadu_ps(part, static_cast<__mmask16>(all_ & ~here_), feature + next_));
  }

  void store(float* feature, Floats values) const {
    _mm512_mask_storeu_ps(feature + first_, here_, reinterpret<__m512>(values));
    if (here_ == all_) return;
    _mm512_mask_storeu_ps(feature + next_, static_cast<__mmask16>(all_ & ~here_),
                          reinterpret<__m512>(values));
  }

 private:
  std::size_t first_;
  std::size_t next_;
  __mmask16 all_;
  __mmask16 here_;
};

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

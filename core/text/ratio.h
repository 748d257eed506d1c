#pragma once

namespace prumux::text {

/// 0 where the denominator is 0, as scores define it.
inline double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : 0.0;
}

}  // namespace prumux::text

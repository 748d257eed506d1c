#pragma once

#include <cstdint>

namespace prumux::text {

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose numbers depend on no library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// An independent stream for each combination of the arguments.
  Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index = 0);

  std::uint64_t next();
  /// Uniform in [0, bound), without bias; `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform();

 private:
  std::uint64_t state_;
};

}  // namespace prumux::text

#include "core/text/random.h"

namespace prumux::text {
namespace {

constexpr std::uint64_t kIncrement = 0x9E3779B97F4A7C15;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index)
    : state_(mix(mix(mix(seed + kIncrement) + stream + kIncrement) + index + kIncrement)) {}

std::uint64_t Random::next() {
  state_ += kIncrement;
  return mix(state_);
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Numbers under the threshold would make the small remainders more likely.
  const std::uint64_t threshold = (0 - bound) % bound;
  std::uint64_t number = next();
  while (number < threshold) number = next();
  return number % bound;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

}  // namespace prumux::text

#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace prumux::runtime {

enum class Part {
  embedding,         ///< Gathering, mixing, second embedding.
  projections,       ///< Queries, keys and values.
  attention,         ///< Scores, softmax and weighted sums.
  attention_output,  ///< Product behind the attention.
  feed_forward,
  normalisation,
  head,  ///< Separation of the instances and the classifier.
};

constexpr std::size_t kPartCount = 7;
constexpr std::array<const char*, kPartCount> kPartNames = {
    "embedding",    "projections",   "attention", "attention_output",
    "feed_forward", "normalisation", "head"};

/// Seconds that one thread spent in each part.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  /// Everything since the last call, or `start`, belongs to `part`.
  void add(Part part) {
    const Clock::time_point now = Clock::now();
    seconds_[static_cast<std::size_t>(part)] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }
  void start() { last_ = Clock::now(); }
  double seconds(std::size_t part) const { return seconds_[part]; }

 private:
  std::array<double, kPartCount> seconds_ = {};
  Clock::time_point last_ = Clock::now();
};

}  // namespace prumux::runtime

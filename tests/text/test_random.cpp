#include "core/text/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace prumux::text {
namespace {

TEST(Random, NumbersAreThoseOfSplitMix64) {
  // First outputs of Vigna's reference implementation for the seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(Random, BoundedNumbersAreUniform) {
  Random random(1);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);  // 4 standard deviations
}

TEST(Random, RealNumbersLieBetweenZeroAndOne) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.uniform();
    ASSERT_GE(number, 0.0);
    ASSERT_LT(number, 1.0);
    sum += number;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.012);
}

TEST(Random, StreamsDiffer) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (std::uint64_t stream = 0; stream < 10; ++stream)
      for (std::uint64_t index = 0; index < 10; ++index)
        firsts.insert(Random(seed, stream, index).next());
  EXPECT_EQ(firsts.size(), 1000U);
}

}  // namespace
}  // namespace prumux::text

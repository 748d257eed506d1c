#include "core/text/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/text/random.h"
#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint32_t> sorted(std::span<const std::uint32_t> values) {
  std::vector<std::uint32_t> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

std::vector<std::uint32_t> up_to(std::size_t size) {
  std::vector<std::uint32_t> values(size);
  std::iota(values.begin(), values.end(), 0U);
  return values;
}

TEST(Sampler, EachEpochIsAnotherPermutationAndRepeatable) {
  const auto first = epoch_permutation(57, 0, 1000);
  EXPECT_EQ(sorted(first), up_to(1000));
  EXPECT_EQ(first, epoch_permutation(57, 0, 1000));
  EXPECT_NE(first, epoch_permutation(57, 1, 1000));
  EXPECT_NE(first, epoch_permutation(58, 0, 1000));
}

TEST(Sampler, AllPermutationsAreEquallyLikely) {
  std::map<std::vector<std::uint32_t>, int> counts;
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) ++counts[epoch_permutation(3, epoch, 3)];
  ASSERT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 120);
}

TEST(Sampler, TrainingBatchesHoldCompleteGroupsOnly) {
  const std::vector<std::uint32_t> lengths(23, 5);
  TrainingOrder order{.seed = 1, .instances = 2, .groups_per_batch = 4};
  const BatchPlan dropped = training_plan(order, 0, lengths);
  EXPECT_EQ(dropped.batch_count(), 2U);
  EXPECT_EQ(dropped.batch(1).size(), 8U);

  order.drop_last = false;
  const BatchPlan kept = training_plan(order, 0, lengths);
  EXPECT_EQ(kept.batch_count(), 3U);
  EXPECT_EQ(kept.batch(2).size(), 6U);  // of the 7 rows left, the three complete groups
  const auto rows = sorted(kept.rows());
  EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
}

TEST(Sampler, BucketsHoldSimilarLengthsAndLoseNoRow) {
  Random random(5);
  std::vector<std::uint32_t> lengths(6400);
  for (auto& length : lengths) length = static_cast<std::uint32_t>(5 + random.below(60));
  TrainingOrder order{.seed = 9, .instances = 4, .groups_per_batch = 8};
  const auto padded_tokens = [&](const BatchPlan& plan) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < plan.batch_count(); ++i) {
      std::uint32_t longest = 0;
      for (const auto row : plan.batch(i)) longest = std::max(longest, lengths[row]);
      total += longest * plan.batch(i).size();
    }
    return total;
  };
  const std::size_t plain = padded_tokens(training_plan(order, 2, lengths));
  order.bucket_by_length = true;
  const BatchPlan plan = training_plan(order, 2, lengths);
  const auto real = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  EXPECT_EQ(sorted(plan.rows()), up_to(6400));
  EXPECT_LT(padded_tokens(plan), real * 105 / 100);
  EXPECT_GT(plain, real * 160 / 100);
}

TEST(Sampler, BucketsGiveNoInstanceTheShortRows) {
  std::vector<std::uint32_t> lengths(3200);
  std::iota(lengths.begin(), lengths.end(), 1U);
  const BatchPlan plan = training_plan({.seed = 4,
                                        .instances = 2,
                                        .groups_per_batch = 16,
                                        .drop_last = true,
                                        .bucket_by_length = true},
                                       0, lengths);
  int first_is_shorter = 0;
  for (std::size_t i = 0; i < plan.rows().size(); i += 2)
    first_is_shorter += lengths[plan.rows()[i]] < lengths[plan.rows()[i + 1]] ? 1 : 0;
  EXPECT_NEAR(first_is_shorter, 800, 80);  // 4 standard deviations
}

TEST(Sampler, EvaluationHasEveryRowTheShortestFirstAndOthersInTheirOrder) {
  const std::vector<std::uint32_t> lengths = {7, 3, 7, 3, 5};
  const BatchPlan plan = evaluation_plan(lengths, 2);
  EXPECT_EQ(plan.batch_count(), 3U);
  EXPECT_THAT(plan.rows(), ElementsAre(1, 3, 4, 0, 2));
  EXPECT_THAT(plan.batch(2), ElementsAre(2));
  EXPECT_THROW(plan.batch(3), ConfigError);
}

TEST(Sampler, SaysWhenThereAreTooFewRows) {
  const std::vector<std::uint32_t> lengths(7, 5);
  EXPECT_THAT(error_of<DataError>(
                  [&] { training_plan({.instances = 2, .groups_per_batch = 4}, 0, lengths); }),
              HasSubstr("has 7 rows, but a batch of 4 groups with 2 instances needs 8"));
  EXPECT_THROW(training_plan({.instances = 0}, 0, lengths), ConfigError);
}

}  // namespace
}  // namespace prumux::text

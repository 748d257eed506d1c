#include "core/runtime/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace prumux::runtime {
namespace {

using testing::ElementsAre;

TEST(ScheduleRows, PutsSimilarLengthsIntoOneGroup) {
  const std::vector<std::uint32_t> lengths = {30, 4, 31, 5};
  EXPECT_THAT(schedule_rows(lengths, {.num_instances = 2, .groups_per_batch = 1}),
              ElementsAre(ElementsAre(1, 3), ElementsAre(0, 2)));
}

TEST(ScheduleRows, KeepsTheOrderOfEqualLengths) {
  const std::vector<std::uint32_t> lengths = {7, 7, 7};
  EXPECT_THAT(schedule_rows(lengths, {.num_instances = 1, .groups_per_batch = 8}),
              ElementsAre(ElementsAre(0, 1, 2)));
}

TEST(ScheduleRows, KeepsTheInputOrderWhenItIsNotToSort) {
  const std::vector<std::uint32_t> lengths = {9, 1, 5};
  EXPECT_THAT(
      schedule_rows(lengths, {.num_instances = 2, .groups_per_batch = 1, .sort_by_length = false}),
      ElementsAre(ElementsAre(0, 1), ElementsAre(2)));
}

TEST(ScheduleRows, LeavesOnlyTheLastGroupIncomplete) {
  const std::vector<std::uint32_t> lengths(11, 6);
  const auto batches = schedule_rows(lengths, {.num_instances = 2, .groups_per_batch = 2});
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].size(), 4U);
  EXPECT_EQ(batches[1].size(), 4U);
  EXPECT_EQ(batches[2].size(), 3U);
}

TEST(ScheduleRows, FillsAGroupWithCopiesOfOneRowWhenIsolated) {
  const std::vector<std::uint32_t> lengths = {3, 2};
  EXPECT_THAT(schedule_rows(lengths, {.num_instances = 3, .groups_per_batch = 2, .isolate = true}),
              ElementsAre(ElementsAre(1, 1, 1, 0, 0, 0)));
}

TEST(ScheduleRows, PutsTheMembersOfAnEnsembleIntoDifferentGroups) {
  const std::vector<std::uint32_t> lengths(40, 6);
  const ScheduleOptions options{.num_instances = 2, .groups_per_batch = 4, .ensemble = 3};
  EXPECT_EQ(options.copies(), 3);
  std::vector<std::uint32_t> rows;
  for (const auto& batch : schedule_rows(lengths, options))
    rows.insert(rows.end(), batch.begin(), batch.end());
  ASSERT_EQ(rows.size(), 120U);
  std::vector<std::set<std::uint32_t>> neighbours(40);
  std::vector<int> occurrences(40, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ++occurrences[rows[i]];
    neighbours[rows[i]].insert(rows[i ^ 1U]);
  }
  EXPECT_THAT(occurrences, testing::Each(3));
  const auto varied = std::count_if(neighbours.begin(), neighbours.end(),
                                    [](const auto& others) { return others.size() > 1; });
  EXPECT_GE(varied, 36);
}

TEST(ScheduleRows, HasTheMembersOfAnEnsembleAsGroupingsOfTheirOwn) {
  const std::vector<std::uint32_t> lengths(40, 6);
  ScheduleOptions options{.num_instances = 2, .groups_per_batch = 20};
  std::vector<std::vector<std::uint32_t>> alone;
  for (options.grouping = 0; options.grouping < 4; ++options.grouping) {
    const auto batches = schedule_rows(lengths, options);
    ASSERT_EQ(batches.size(), 1U);
    alone.push_back(batches.front());
  }
  EXPECT_NE(alone[0], alone[1]);
  EXPECT_NE(alone[1], alone[2]);
  options.grouping = 1;
  options.ensemble = 2;
  EXPECT_THAT(schedule_rows(lengths, options), ElementsAre(alone[2], alone[3]));
}

TEST(ScheduleRows, KeepsLengthsSimilarInAnEnsemble) {
  std::vector<std::uint32_t> lengths;
  for (std::uint32_t i = 0; i < 1000; ++i) lengths.push_back((i * 37) % 1000);
  const auto batches =
      schedule_rows(lengths, {.num_instances = 2, .groups_per_batch = 500, .ensemble = 2});
  ASSERT_EQ(batches.size(), 2U);
  for (const auto& batch : batches) {
    for (std::size_t i = 0; i + 1 < batch.size(); i += 2) {
      const auto [shorter, longer] = std::minmax(lengths[batch[i]], lengths[batch[i + 1]]);
      EXPECT_LT(longer - shorter, 32U);
    }
  }
}

TEST(ScheduleRows, HasNoBatchForNoRows) {
  EXPECT_TRUE(schedule_rows({}, {.num_instances = 2, .groups_per_batch = 2}).empty());
}

}  // namespace
}  // namespace prumux::runtime

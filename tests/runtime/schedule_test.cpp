#include "core/runtime/schedule.h"

#include <gmock/gmock.h>

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

TEST(ScheduleRows, HasNoBatchForNoRows) {
  EXPECT_TRUE(schedule_rows({}, {.num_instances = 2, .groups_per_batch = 2}).empty());
}

}  // namespace
}  // namespace prumux::runtime

#include "core/pipeline/stages/computing_time.h"

#include <gtest/gtest.h>

namespace prumux::pipeline {
namespace {

StageResult took(const std::string& id, const std::string& folder, double seconds) {
  return {id, "finetune", folder, true, {}, seconds};
}

CellSummary cell_of(std::int64_t instances, std::vector<StageResult> stages,
                    std::vector<std::string> missing = {}) {
  CellSummary summary;
  summary.instances = instances;
  summary.stages = std::move(stages);
  summary.missing = std::move(missing);
  return summary;
}

/// One instance dense, and pruned twice; two, and five to come.
Summary example() {
  return {"g",
          "/run",
          {cell_of(1, {took("plain", "plain-1", 100)}),
           cell_of(1, {took("plain", "plain-1", 100), took("prune", "prune-1", 40)}),
           cell_of(1, {took("plain", "plain-1", 100), took("prune", "prune-2", 20)}),
           cell_of(2, {took("warmup", "warmup-2", 60)}, {"prune"}),
           cell_of(2, {took("prune", "prune-4", 10)}), cell_of(5, {}, {"warmup", "prune"}),
           cell_of(1, {}, {"prune"}), cell_of(1, {}, {"final"})},
          {}};
}

TEST(ComputingTime, CountsWhatCellsShareOnce) { EXPECT_EQ(spent_seconds(example()), 230.0); }

TEST(ComputingTime, ExpectsOfAStageWhatItTookForTheNearestNumberOfInstances) {
  const Summary summary = example();
  EXPECT_EQ(expected_seconds(summary, 6), 30.0) << "the mean of two";
  EXPECT_EQ(expected_seconds(summary, 3), 10.0);
  EXPECT_EQ(expected_seconds(summary, 5), 70.0) << "both of two instances";
}

TEST(ComputingTime, ExpectsOfAnUnknownStageTheMeanOfAll) {
  EXPECT_EQ(expected_seconds(example(), 7), 46.0);
}

TEST(ComputingTime, IsNeverNothingToDivideBy) {
  EXPECT_EQ(expected_seconds({"g", "/run", {cell_of(1, {}, {"plain"})}, {}}, 0), 1.0);
}

}  // namespace
}  // namespace prumux::pipeline

#include "core/pipeline/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace prumux::pipeline {
namespace {

Summary example() {
  CellSummary dense{{{"instances", "1"}, {"sparsity", "0"}}, 1, 0.0, {}};
  dense.stages = {{"teacher", "finetune", "/run/stages/teacher-1", true, {{"accuracy", 0.90}}},
                  {"bench", "benchmark", "/run/stages/bench-1", false, {{"throughput", 200.0}}}};
  CellSummary pruned{{{"instances", "2"}, {"sparsity", "0.6"}}, 2, 0.6, {}};
  pruned.stages = {{"prune", "prune", "/run/stages/prune-2", true, {{"sparsity", 0.598}}},
                   {"evaluate", "evaluate", "/run/stages/evaluate-2", false, {{"accuracy", 0.85}}},
                   {"bench", "benchmark", "/run/stages/bench-2", false, {{"throughput", 900.0}}}};
  return {"quickstart",
          "/run",
          {dense, pruned},
          {{"predict", "predict", "/x", false, {{"k", 1}}},
           {"again", "predict", "/y", false, {{"k", 2}}}}};
}

TEST(Summary, TheLastStageThatMeasuredANumberCounts) {
  const Summary summary = example();
  EXPECT_EQ(summary.cells[0].number("accuracy"), 0.90);
  EXPECT_EQ(summary.cells[1].number("accuracy"), 0.85);
  EXPECT_EQ(summary.cells[0].number("sparsity"), std::nullopt);
  EXPECT_EQ(summary.cells[1].model(), "/run/stages/prune-2/model");
}

TEST(Summary, KnowsACellByTheGridsSparsityOrElseByTheMeasuredOne) {
  Summary summary = example();
  EXPECT_EQ(summary.cells[1].sparsity(), 0.6);
  summary.cells[1].variables.clear();
  EXPECT_EQ(summary.cells[1].sparsity(), 0.598);
}

TEST(Summary, GivesTheMachineEveryNumber) {
  const nlohmann::json json = to_json(example());
  EXPECT_EQ(json.at("name"), "quickstart");
  EXPECT_EQ(json.at("cells")[1].at("instances"), 2);
  EXPECT_EQ(json.at("cells")[1].at("sparsity"), 0.6);
  EXPECT_EQ(json.at("cells")[1].at("measured_sparsity"), 0.598);
  EXPECT_EQ(json.at("cells")[1].at("accuracy"), 0.85);
  EXPECT_EQ(json.at("cells")[1].at("throughput"), 900.0);
  EXPECT_EQ(json.at("predict").at("k"), 1);
  EXPECT_EQ(json.at("again").at("k"), 2);
}

TEST(Summary, GivesAPersonATable) {
  EXPECT_EQ(to_text(example()),
            "instances sparsity measured accuracy   examples/s speed-up\n"
            "        1        0        -   0.9000        200.0     1.00\n"
            "        2      0.6    0.598   0.8500        900.0     4.50\n");
}

TEST(Summary, NamesTheOtherVariablesInTheTable) {
  Summary summary = example();
  summary.cells[0].variables = {{"instances", "1"}, {"method", "none"}};
  summary.cells[1].variables = {{"instances", "2"}, {"method", "magnitude"}};
  EXPECT_EQ(to_text(summary),
            "instances sparsity    method measured accuracy   examples/s speed-up\n"
            "        1        0      none        -   0.9000        200.0     1.00\n"
            "        2    0.598 magnitude    0.598   0.8500        900.0     4.50\n");
}

}  // namespace
}  // namespace prumux::pipeline

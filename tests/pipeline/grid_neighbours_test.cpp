#include <nlohmann/json.hpp>

#include "core/pipeline/engine.h"
#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const kSweep =
    "name: g\n"
    "grid:\n"
    "  dense_rate: {set: stages.dense.rate, values: [0.1, 0.2]}\n"
    "  sparsity: {set: stages.prune.rate, values: [0, 0.5, 0.8]}\n"
    "stages:\n"
    "  - {stage: train, id: dense}\n"
    "  - {stage: train, id: prune, skip_if: {sparsity: 0}, sweep: sparsity}\n"
    "  - {stage: measure}\n";

using SweepTest = PipelineTest;

TEST_F(SweepTest, ConnectsEachCellWithItsNextLowerNeighbour) {
  const Plan result = plan(kSweep);
  const auto prune_of = [&](std::size_t cell) { return result.cells[cell][1]; };
  for (const std::size_t first : {1U, 4U}) {
    EXPECT_FALSE(prune_of(first)->inputs.contains("sweep"));
    EXPECT_EQ(prune_of(first + 1)->inputs.at("sweep"), prune_of(first));
    EXPECT_EQ(prune_of(first + 1)->inputs.at("from")->id, "dense");
  }
  EXPECT_NE(prune_of(1), prune_of(4));
}

TEST_F(SweepTest, AKeyDependsOnTheLowerTargets) {
  const auto key = [&](const std::vector<std::string>& overrides) {
    return plan(kSweep, overrides).cells.back()[1]->key;
  };
  const std::string base = key({});
  EXPECT_NE(key({"stages.dense.rate=0.3", "grid.sparsity.values=[0.4, 0.8]"}), base);
  EXPECT_NE(key({"grid.sparsity.values=[0.8]"}), base);
  EXPECT_NE(key({"stages.prune.sweep="}), base);
  // Targets above do not matter.
  EXPECT_EQ(plan(kSweep, {"grid.sparsity.values=[0, 0.5, 0.8, 0.9]"}).cells[6][1]->key, base);
}

TEST_F(SweepTest, RunsTheTargetsInTurn) {
  run_text(kSweep);
  EXPECT_THAT(journal_.runs,
              ElementsAre("dense", "measure", "prune", "measure", "prune", "measure", "dense",
                          "measure", "prune", "measure", "prune", "measure"));
  run_text(kSweep);
  EXPECT_TRUE(journal_.runs.empty());
}

TEST_F(SweepTest, RefusesAVariableThatIsNotThereOrDoesNotAscend) {
  EXPECT_THAT(error_of([&] { plan(kSweep, {"stages.prune.sweep=sparsty"}); }),
              HasSubstr("stages.prune.sweep 'sparsty' - expected a variable of the grid (did you "
                        "mean 'sparsity'?)"));
  EXPECT_THAT(error_of([&] { plan(kSweep, {"grid.sparsity.values=[0.8, 0.5]"}); }),
              HasSubstr("stages.prune.sweep 'sparsity' - expected a variable whose values are "
                        "ascending numbers, but grid.sparsity.values has 0.8 before 0.5"));
  EXPECT_THAT(error_of([&] { plan("name: g\nstages: [{stage: train, sweep: sparsity}]\n"); }),
              HasSubstr("expected a variable of the grid (expected none)"));
}

}  // namespace
}  // namespace prumux::pipeline

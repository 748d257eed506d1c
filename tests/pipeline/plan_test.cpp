#include "core/pipeline/plan.h"

#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const char* const kWarmupGrid =
    "name: g\n"
    "grid:\n"
    "  warmup_rate: {set: stages.warmup.rate, values: [0.1, 0.2]}\n"
    "  sparsity: {set: stages.prune.rate, values: [0, 0.6]}\n"
    "stages:\n"
    "  - {stage: train, id: warmup}\n"
    "  - {stage: train, id: teacher}\n"
    "  - {stage: train, id: prune, skip_if: {sparsity: 0}, teacher: teacher}\n"
    "  - {stage: measure}\n";

std::string key_of(const Plan& plan, const std::string& id) {
  for (const PlannedStage* stage : plan.in_order()) {
    if (stage->id == id) return stage->key;
  }
  return "";
}

using PlanTest = PipelineTest;

TEST_F(PlanTest, SharesEveryStageWhoseInputsAreEqual) {
  const Plan result = plan(kWarmupGrid);
  std::vector<std::string> ids;
  for (const PlannedStage* stage : result.in_order()) ids.push_back(stage->id);
  // Two warm-ups, two teachers, two prunings and four measurements instead of 14 stages.
  EXPECT_THAT(ids, ElementsAre("warmup", "teacher", "measure", "prune", "measure", "warmup",
                               "teacher", "measure", "prune", "measure"));
  EXPECT_THAT(result.stages[0]->cells, ElementsAre(0, 1));
}

TEST_F(PlanTest, ConnectsAStageWithTheNearestModelThatIsNotSkipped) {
  const Plan result = plan(kWarmupGrid);
  const auto& dense = result.cells[0];
  const auto& pruned = result.cells[1];
  EXPECT_EQ(dense.back()->inputs.at("from")->id, "teacher");
  EXPECT_EQ(pruned.back()->inputs.at("from")->id, "prune");
  EXPECT_EQ(pruned[2]->inputs.at("teacher")->id, "teacher");
  EXPECT_THAT(pruned[0]->inputs, SizeIs(0));
}

TEST_F(PlanTest, AStageOfOneInstanceIsSharedByCellsOfSeveral) {
  const Plan result = plan(
      "name: g\n"
      "grid: {n: {set: multiplexer.instances, values: [1, 2, 5]}}\n"
      "stages:\n"
      "  - {stage: train, id: plain, instances: 1}\n"
      "  - {stage: train, id: dense, skip_if: {n: 1}, teacher: plain}\n"
      "  - {stage: train, id: small, teacher: dense}\n");
  ASSERT_THAT(result.cells, SizeIs(3));
  EXPECT_EQ(result.cells[1][0], result.cells[0][0]);
  EXPECT_EQ(result.cells[2][0], result.cells[0][0]);
  EXPECT_FALSE(result.cells[1][0]->adds_multiplexer);
  EXPECT_TRUE(result.cells[1][1]->adds_multiplexer);
  EXPECT_FALSE(result.cells[1][2]->adds_multiplexer);
  // Where `dense` is skipped, its model is what it would have started from.
  EXPECT_EQ(result.cells[0][1]->inputs.at("teacher")->id, "plain");
  EXPECT_EQ(result.cells[1][2]->inputs.at("teacher")->id, "dense");
}

TEST_F(PlanTest, RefusesToChangeTheNumberOfInstancesOfAMultiplexedModel) {
  EXPECT_EQ(error_of([&] {
              plan(
                  "name: g\nmultiplexer: {instances: 2}\n"
                  "stages: [{stage: train, id: a}, {stage: train, id: b, instances: 3}]\n");
            }),
            "p.yaml:3:66: stage 'b' has 3 instances, but starts from 'a', which has 2 - expected "
            "the same number, or a stage before it of one instance");
}

TEST_F(PlanTest, RefusesIdsThatTheResultOfARunNeedsItself) {
  EXPECT_EQ(error_of([&] { plan("name: g\nstages: [{stage: overview, id: cells}]\n"); }),
            "p.yaml:2:32: id 'cells' - expected another: the result of a run has 'cells' beside "
            "those of its stages");
}

TEST_F(PlanTest, AKeyDependsOnEverythingThatDeterminesTheResult) {
  const std::string text =
      "name: g\nstages: [{stage: train, id: a}, {stage: train, id: b}, {stage: measure}]\n";
  const Plan base = plan(text);
  for (const char* change : {"stages.a.rate=0.3", "seed=1", "threads=3", "model=other"}) {
    const Plan changed = plan(text, {change});
    EXPECT_NE(key_of(changed, "a"), key_of(base, "a")) << change;
    EXPECT_NE(key_of(changed, "measure"), key_of(base, "measure")) << change;
  }
  const Plan changed = plan(text, {"stages.b.rate=0.3"});
  EXPECT_EQ(key_of(changed, "a"), key_of(base, "a"));
  EXPECT_NE(key_of(changed, "measure"), key_of(base, "measure"));
}

TEST_F(PlanTest, AKeyDependsNeitherOnSpellingNorOnWhatDoesNotMatter) {
  const std::string text = "name: g\nstages: [{stage: train}]\n";
  const std::string key = key_of(plan(text), "train");
  EXPECT_EQ(key_of(plan(text, {"stages.train.rate=1e-1"}), "train"), key);
  EXPECT_EQ(key_of(plan(text, {"stages.train.log_every=99"}), "train"), key);
  EXPECT_EQ(key_of(plan("# a comment\nname: other\nstages:\n - stage: train\n"), "train"), key);
}

TEST_F(PlanTest, AKeyDependsOnTheContentOfFilesAndNotOnTheirNames) {
  io::write_file_atomically(root_ / "a.txt", "one");
  io::write_file_atomically(root_ / "b.txt", "one");
  io::write_file_atomically(root_ / "c.txt", "two");
  const auto key = [&](const std::string& file) {
    Plan result = plan("name: g\nstages: [{stage: measure, data: " + file + "}]\n");
    Record record = result.stages[0]->record;
    return std::count_if(record.entries().begin(), record.entries().end(),
                         [](const Record::Entry& entry) {
                           return entry.kind == Record::Kind::content && entry.value == "one";
                         });
  };
  EXPECT_EQ(key("a.txt"), 1);
  EXPECT_EQ(key("b.txt"), 1);
  EXPECT_EQ(key("c.txt"), 0);
}

TEST_F(PlanTest, RefusesAnInputThatIsNotAnEarlierModel) {
  EXPECT_EQ(error_of([&] {
              plan("name: g\nstages: [{stage: train, id: a}, {stage: train, id: b, teacher: c}]\n");
            }),
            "p.yaml:2:64: stages.b.teacher 'c' - expected an earlier stage that leaves a model in "
            "the pipeline (expected one of a)");
  EXPECT_THAT(error_of([&] { plan(kWarmupGrid, {"stages.prune.teacher=measure"}); }),
              HasSubstr("stages.prune.teacher 'measure' - expected an earlier stage that leaves a "
                        "model in warmup_rate 0.1, sparsity 0.6 "));
}

TEST_F(PlanTest, ASkippedStageThatIsNamedPassesOnWhatItWouldHaveStartedFrom) {
  const Plan result = plan(kWarmupGrid, {"stages.measure.from=prune"});
  EXPECT_EQ(result.cells[0].back()->inputs.at("from")->id, "teacher");
  EXPECT_EQ(result.cells[1].back()->inputs.at("from")->id, "prune");
}

TEST_F(PlanTest, ReportsAMissingFileWithItsPlace) {
  EXPECT_EQ(error_of([&] { plan("name: g\nstages: [{stage: train, data: /no/where}]\n"); }),
            "p.yaml:2:31: data '/no/where' - no such file");
}

}  // namespace
}  // namespace prumux::pipeline

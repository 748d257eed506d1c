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
    "  instances: {set: stages.warmup.rate, values: [0.1, 0.2]}\n"
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
  EXPECT_THAT(error_of([&] { plan(kWarmupGrid, {"stages.measure.from=prune"}); }),
              HasSubstr("stages.measure.from 'prune' - expected an earlier stage that leaves a "
                        "model in instances 0.1, sparsity 0 "));
}

TEST_F(PlanTest, ReportsAMissingFileWithItsPlace) {
  EXPECT_EQ(error_of([&] { plan("name: g\nstages: [{stage: train, data: /no/where}]\n"); }),
            "p.yaml:2:31: data '/no/where' - no such file");
}

}  // namespace
}  // namespace prumux::pipeline

#include "core/pipeline/engine.h"

#include <chrono>
#include <thread>

#include "core/pipeline/folder_lock.h"
#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kChain =
    "name: g\nstages:\n  - {stage: train, id: a}\n  - {stage: train, id: b}\n"
    "  - {stage: measure}\n  - {stage: overview}\n";

const char* const kChainedGrid =
    "name: g\n"
    "grid:\n  sparsity: {set: stages.b.rate, values: [0, 0.6]}\n"
    "stages:\n  - {stage: train, id: a}\n  - {stage: train, id: b, skip_if: {sparsity: 0}}\n"
    "  - {stage: measure, rate: 0.9}\n  - {stage: overview}\n";

class EngineTest : public PipelineTest {
 protected:
  std::string weights(const std::string& id, const std::string& text) const {
    const Plan current = plan(text);
    for (const PlannedStage* stage : current.in_order()) {
      if (stage->id == id) return io::read_file(folder().of(*stage) / "model" / "weights");
    }
    return "";
  }

  /// As if another process worked on a stage: the n-th called `id`.
  std::optional<FolderLock> lock(const std::string& text, const std::string& id, int n = 0) const {
    const Plan current = plan(text);
    for (const PlannedStage* stage : current.in_order()) {
      if (stage->id == id && n-- == 0) return FolderLock::try_lock(folder().of(*stage));
    }
    return std::nullopt;
  }
};

TEST_F(EngineTest, RunsEachStageOnceAndReusesAllOfThemTheSecondTime) {
  run_text(kChain);
  EXPECT_THAT(journal_.runs, ElementsAre("a", "b", "measure", "overview"));
  run_text(kChain);
  EXPECT_THAT(journal_.runs, IsEmpty());
  EXPECT_THAT(journal_.checks, IsEmpty());
}

TEST_F(EngineTest, RunsWhatAChangeConcernsAndNothingElse) {
  run_text(kChain);
  run_text(kChain, {}, {"stages.b.rate=0.5"});
  EXPECT_THAT(journal_.runs, ElementsAre("b", "measure", "overview"));
  run_text(kChain);
  EXPECT_THAT(journal_.runs, IsEmpty());
}

TEST_F(EngineTest, ComputesAgainWhatSomebodyHasRemoved) {
  run_text(kChain);
  const Plan current = plan(kChain);
  for (const PlannedStage* stage : current.in_order()) {
    if (stage->id == "a") fs::remove(folder().of(*stage) / "result.json");
    if (stage->id == "b") fs::remove_all(folder().of(*stage) / "model");
  }
  run_text(kChain);
  EXPECT_THAT(journal_.runs, ElementsAre("a", "b"));
}

TEST_F(EngineTest, SharesStagesBetweenCellsAndShowsAllCellsToTheLastStages) {
  const Summary summary = run_text(kChainedGrid);
  EXPECT_THAT(journal_.runs, ElementsAre("a", "measure", "b", "measure", "overview"));
  ASSERT_EQ(summary.cells.size(), 2U);
  EXPECT_EQ(summary.cells[1].number("accuracy"), 0.9);
  EXPECT_EQ(summary.after_cells.front().numbers.at("cells"), 2);
  EXPECT_EQ(summary.after_cells.front().numbers.at("measured"), 0.9);
}

TEST_F(EngineTest, LooksAtTheDataOfEveryStageBeforeItComputesAnything) {
  journal_.fail_check_in = "measure";
  EXPECT_THROW(run_text(kChain), DataError);
  EXPECT_THAT(journal_.checks, ElementsAre("a", "b", "measure"));
  EXPECT_THAT(journal_.runs, IsEmpty());
  EXPECT_FALSE(fs::exists(folder().path()));
}

TEST_F(EngineTest, CountsAsFailedWorkWhatAStageRefusesWhenItRuns) {
  journal_.on_run = [](const std::string& id) {
    if (id == "b") throw ConfigError("no such layer");
  };
  EXPECT_THAT([&] { run_text(kChain); },
              testing::ThrowsMessage<DataError>("stage 'b': no such layer"));
  journal_.on_run = nullptr;
  run_text(kChain);
  EXPECT_THAT(journal_.runs, ElementsAre("b", "measure", "overview"));
}

TEST_F(EngineTest, KeepsNoResultOfFilesThatHaveChangedSinceTheyWerePlanned) {
  const fs::path data = root_ / "data.txt";
  io::write_file_atomically(data, "old");
  const std::vector<std::string> overrides = {"stages.b.data=" + data.string()};
  journal_.on_run = [&](const std::string& id) {
    if (id == "b") io::write_file_atomically(data, "new");
  };
  EXPECT_THAT([&] { run_text(kChain, {}, overrides); },
              testing::ThrowsMessage<DataError>(HasSubstr("has changed since the run began")));
  journal_.on_run = nullptr;
  io::write_file_atomically(data, "old");
  run_text(kChain, {}, overrides);
  EXPECT_THAT(journal_.runs, ElementsAre("b", "measure", "overview"));
}

TEST_F(EngineTest, ComputesAgainWhatAnotherProcessHasDeletedMeanwhile) {
  const Plan current = plan(kChainedGrid);
  journal_.on_run = [&](const std::string& id) {
    if (id == "measure") fs::remove(folder().of(*current.cells[0][0]) / "stage.json");
  };
  run_text(kChainedGrid);
  EXPECT_THAT(journal_.runs, ElementsAre("a", "measure", "a", "b", "measure", "overview"));
}

TEST_F(EngineTest, GoesOnAfterAnInterruptionAndEndsWithTheSameResult) {
  run_text(kChain);
  const std::string undisturbed = weights("b", kChain);
  fs::remove_all(folder().path());
  journal_.interrupt_in = "b";
  EXPECT_THROW(run_text(kChain), Interrupted);
  journal_.interrupt_in = "";
  run_text(kChain);
  EXPECT_THAT(journal_.runs, ElementsAre("b from step 3", "measure", "overview"));
  EXPECT_EQ(weights("b", kChain), undisturbed);
  const Plan current = plan(kChain);
  const fs::path stage = folder().of(*current.stages[1]);
  EXPECT_FALSE(fs::exists(stage / "checkpoints"));
  EXPECT_FALSE(fs::exists(stage / "model.tmp-1"));
}

TEST_F(EngineTest, CountsTheTimeOfInterruptedRunsThatAStageGoesOnFrom) {
  constexpr std::chrono::milliseconds kWork(100);
  journal_.on_run = [&](const std::string& id) {
    if (id == "b") std::this_thread::sleep_for(kWork);
  };
  journal_.interrupt_in = "b";
  EXPECT_THROW(run_text(kChain), Interrupted);
  EXPECT_THROW(run_text(kChain), Interrupted);
  journal_.interrupt_in = "";
  journal_.on_run = nullptr;
  const CellSummary cell = run_text(kChain).cells.front();
  EXPECT_THAT(cell.stages, testing::Contains(testing::AllOf(
                               testing::Field(&StageResult::id, "b"),
                               testing::Field(&StageResult::seconds, testing::Ge(0.2)))));
}

TEST_F(EngineTest, ForceComputesAStageAndWhatDependsOnItAgain) {
  run_text(kChain);
  run_text(kChain, {.force = "b"});
  EXPECT_THAT(journal_.runs, ElementsAre("b", "measure", "overview"));
}

TEST_F(EngineTest, ForceForgetsAnInterruptedRun) {
  journal_.interrupt_in = "b";
  EXPECT_THROW(run_text(kChain), Interrupted);
  journal_.interrupt_in = "";
  run_text(kChain, {.force = "b"});
  EXPECT_THAT(journal_.runs, ElementsAre("b", "measure", "overview"));
}

TEST_F(EngineTest, AnInterruptedForceGoesOnWithoutIt) {
  run_text(kChain);
  journal_.interrupt_in = "b";
  EXPECT_THAT([&] { run_text(kChain, {.force = "b"}); },
              testing::ThrowsMessage<Interrupted>(testing::HasSubstr(" - without --force")));
  journal_.interrupt_in = "";
  run_text(kChain);
  EXPECT_THAT(journal_.runs, ElementsAre("b from step 3", "measure", "overview"))
      << "what depends on it was deleted, too";
}

TEST_F(EngineTest, UntilStopsAfterAStage) {
  run_text(kChainedGrid, {.until = "b"});
  EXPECT_THAT(journal_.runs, ElementsAre("a", "b"));
}

TEST_F(EngineTest, RefusesOptionsThatNameNoStage) {
  EXPECT_EQ(error_of([&] { run_text(kChain, {.until = "mesure"}); }),
            "--until mesure: no such stage - did you mean 'measure'?");
  EXPECT_EQ(error_of([&] { run_text(kChain, {.force = "x"}); }),
            "--force x: no such stage - expected one of a, b, measure, overview");
  EXPECT_FALSE(fs::exists(folder().path()));
}

TEST_F(EngineTest, StopsBetweenStagesWhenAsked) {
  int questions = 0;
  RunOptions options;
  options.stop_requested = [&] { return ++questions > 1; };
  EXPECT_THROW(run_text(kChain, options), Interrupted);
  EXPECT_THAT(journal_.runs, ElementsAre("a"));
}

TEST_F(EngineTest, GoesOnWithOtherCellsWhileAnotherProcessWorksOnOneAndComesBackAtTheEnd) {
  std::optional<FolderLock> other = lock(kChainedGrid, "measure");
  ASSERT_TRUE(other);
  journal_.on_run = [&](const std::string& id) {
    if (id == "measure") other.reset();
  };
  const Summary summary = run_text(kChainedGrid);
  EXPECT_THAT(journal_.runs, ElementsAre("a", "b", "measure", "measure", "overview"));
  EXPECT_EQ(summary.after_cells.front().numbers.at("cells"), 2);
}

TEST_F(EngineTest, BeginsNothingThatReadsWhatAnotherProcessIsMaking) {
  std::optional<FolderLock> other = lock(kChainedGrid, "b");
  ASSERT_TRUE(other);
  std::vector<std::string> runs;
  RunOptions options;
  int questions = 0;
  options.stop_requested = [&] {
    // By then every stage has been looked at twice.
    if (++questions == 10) {
      runs = journal_.runs;
      other.reset();
    }
    return false;
  };
  run_text(kChainedGrid, options);
  EXPECT_THAT(runs, ElementsAre("a", "measure"));
  EXPECT_THAT(journal_.runs, ElementsAre("a", "measure", "b", "measure", "overview"));
}

TEST_F(EngineTest, CanBeStoppedWhileItWaitsForAnotherProcess) {
  const std::optional<FolderLock> other = lock(kChain, "a");
  ASSERT_TRUE(other);
  RunOptions options;
  int questions = 0;
  options.stop_requested = [&] { return ++questions > 8; };
  EXPECT_THROW(run_text(kChain, options), Interrupted);
  EXPECT_THAT(journal_.runs, IsEmpty());
}

TEST_F(EngineTest, PreviewWritesNothing) {
  run_text(kChain, {.until = "a"});
  fs::remove(folder().path() / "resolved.yaml");
  const Plan current = plan(kChain);
  const std::vector<PlannedAction> actions = preview(current, folder(), {.until = "b"});
  ASSERT_EQ(actions.size(), 4U);
  EXPECT_FALSE(actions[0].runs);
  EXPECT_TRUE(actions[1].runs);
  EXPECT_FALSE(actions[2].runs);
  EXPECT_FALSE(fs::exists(folder().path() / "resolved.yaml"));
  EXPECT_FALSE(fs::exists(folder().of(*actions[1].stage)));
}

TEST_F(EngineTest, WritesWhereEveryValueCameFrom) {
  run_text(kChain, {}, {"stages.a.rate=0.5"});
  const Plan current = plan(kChain, {"stages.a.rate=0.5"});
  EXPECT_THAT(io::read_file(folder().of(*current.stages[0]) / "resolved.yaml"),
              HasSubstr("rate: 0.5  # --set stages.a.rate=0.5"));
  EXPECT_THAT(io::read_file(folder().path() / "resolved.yaml"), HasSubstr("seed: 57  # default"));
}

}  // namespace
}  // namespace prumux::pipeline

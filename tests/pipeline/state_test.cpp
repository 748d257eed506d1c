#include "core/pipeline/stage_state.h"

#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const char* const kText =
    "name: g\nstages:\n  - {stage: train, id: a, rate: 0.1}\n  - {stage: train, id: b}\n";

class StateTest : public PipelineTest {
 protected:
  StageState state(const std::string& id, const std::vector<std::string>& overrides = {}) const {
    const Plan current = plan(kText, overrides);
    for (const PlannedStage* stage : current.in_order()) {
      if (stage->id == id) return state_of(*stage, current, folder());
    }
    return {};
  }
};

TEST_F(StateTest, SaysThatNothingWasComputed) {
  EXPECT_EQ(state("a").status, Status::missing);
  EXPECT_EQ(state("a").reason, "not computed yet");
}

TEST_F(StateTest, SaysThatAResultIsUpToDate) {
  run_text(kText);
  EXPECT_EQ(state("b").status, Status::up_to_date);
  EXPECT_THAT(state("b").reason,
              StartsWith("up to date: nothing that determines it has changed since 20"));
}

TEST_F(StateTest, SaysWhichValueHasChanged) {
  run_text(kText);
  EXPECT_EQ(state("a", {"stages.a.rate=0.2"}).reason,
            "stale: rate 0.1 -> 0.2 (--set stages.a.rate=0.2)");
  EXPECT_EQ(state("b", {"stages.a.rate=0.2"}).reason, "stale: its input 'from' is another one");
  EXPECT_EQ(state("b", {"seed=7", "stages.b.rate=0.3"}).reason,
            "stale: its input 'from' is another one; rate 0.1 -> 0.3 (--set stages.b.rate=0.3); "
            "seed 57 -> 7 (--set seed=7)");
}

TEST_F(StateTest, ComparesWithTheEarlierResultThatIsMostLikeIt) {
  run_text(kText);
  run_text(kText, {}, {"seed=7"});
  EXPECT_EQ(state("a", {"seed=7", "stages.a.rate=0.2"}).reason,
            "stale: rate 0.1 -> 0.2 (--set stages.a.rate=0.2)");
}

TEST_F(StateTest, DoesNotTakeTheResultOfAnotherCellForAnEarlierOne) {
  const std::string grid =
      "name: g\ngrid: {r: {set: stages.a.rate, values: [0.1, 0.2]}}\n"
      "stages: [{stage: train, id: a}]\n";
  RunOptions options;
  int questions = 0;
  options.stop_requested = [&] { return ++questions > 1; };
  EXPECT_THROW(run_text(grid, options), Interrupted);
  const Plan current = plan(grid);
  EXPECT_EQ(state_of(*current.stages[0], current, folder()).status, Status::up_to_date);
  EXPECT_EQ(state_of(*current.stages[1], current, folder()).reason, "not computed yet");
  const Plan changed = plan(grid, {"seed=3"});
  EXPECT_THAT(state_of(*changed.stages[0], changed, folder()).reason,
              StartsWith("stale: seed 57 -> 3"));
}

TEST_F(StateTest, SaysAtWhichStepAnInterruptedStageGoesOn) {
  journal_.interrupt_in = "b";
  EXPECT_THROW(run_text(kText), Interrupted);
  EXPECT_EQ(state("a").status, Status::up_to_date);
  EXPECT_EQ(state("b").status, Status::partial);
  EXPECT_EQ(state("b").reason, "partial: interrupted, goes on at step 3");
}

TEST_F(StateTest, SaysWhatHasHappenedToAResult) {
  const Plan current = plan(kText);
  run_text(kText);
  const std::filesystem::path results = folder().of(*current.stages[0]);
  const std::string weights = io::read_file(results / "model" / "weights");
  std::filesystem::resize_file(results / "model" / "weights", 1);
  EXPECT_EQ(state("a").status, Status::stale);
  EXPECT_EQ(state("a").reason, "stale: 'model/weights' has 1 bytes, and had 3");
  EXPECT_EQ(state("b").status, Status::up_to_date);
  std::filesystem::remove_all(results / "model");
  EXPECT_EQ(state("a").reason, "stale: 'model/weights' is not there");
  run_text(kText);
  EXPECT_THAT(journal_.runs, testing::ElementsAre("a"));
  EXPECT_EQ(io::read_file(results / "model" / "weights"), weights);
  // A lock that says nothing about sizes.
  const std::string lock = io::read_file(results / "stage.json");
  nlohmann::json old = nlohmann::json::parse(lock);
  old.erase("files");
  io::write_file_atomically(results / "stage.json", old.dump());
  EXPECT_EQ(state("a").status, Status::up_to_date);
  std::filesystem::rename(results / "model", results / "elsewhere");
  EXPECT_EQ(state("a").reason, "stale: 'model' is not there");
  std::filesystem::rename(results / "result.json", results / "numbers");
  EXPECT_EQ(state("a").reason, "stale: 'result.json' is not there");
  std::filesystem::rename(results / "elsewhere", results / "model");
  io::write_file_atomically(results / "stage.json", lock);
  io::write_file_atomically(results / "result.json", "{}");
  EXPECT_THAT(state("a").reason, HasSubstr("'result.json' has 2 bytes, and had"));
}

TEST_F(StateTest, ComputesAgainWhatADamagedFileDescribes) {
  const Plan current = plan(kText);
  run_text(kText);
  io::write_file_atomically(folder().of(*current.stages[0]) / "stage.json", "{\"key\": ");
  EXPECT_EQ(state("a").status, Status::missing);
}

}  // namespace
}  // namespace prumux::pipeline

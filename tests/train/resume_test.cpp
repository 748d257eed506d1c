#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "core/io/atomic_file.h"
#include "core/train/checkpoint.h"
#include "core/train/trainer.h"
#include "prumux/error.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::HasSubstr;

/// Thrown in the middle of a step, as a kill would end it.
struct Killed {};

/// A toy objective that dies at a step, without saving anything.
class MortalObjective : public ToyObjective {
 public:
  explicit MortalObjective(std::int64_t death) : death_(death) {}
  void after_step(std::int64_t step) override {
    ToyObjective::after_step(step);
    if (step == death_) throw Killed{};
  }

 private:
  std::int64_t death_;
};

TrainingOptions resumable_options(const fs::path& directory) {
  TrainingOptions options = toy_options(directory);
  options.accumulation_steps = 3;  // leaves 2 of 20 micro-batches over in each epoch
  options.epochs = 6;              // 36 steps
  options.evaluation.every_steps = 5;
  options.log_every_steps = 4;
  options.checkpoint.every_steps = 7;
  options.tensorboard = true;
  return options;
}

struct Outcome {
  std::string bytes;
  std::vector<nlohmann::json> records;
  std::optional<std::int64_t> best_step;
  double last_score = 0.0;
};

Outcome outcome(const fs::path& directory, ToyObjective& objective, const TrainingResult& result) {
  return {bytes_of(objective), records_without_timing(directory), result.best_step,
          result.last->score};
}

void expect_equal(const Outcome& expected, const Outcome& actual) {
  EXPECT_TRUE(expected.bytes == actual.bytes) << "the weights differ";
  EXPECT_EQ(expected.records, actual.records);
  EXPECT_EQ(expected.best_step, actual.best_step);
  EXPECT_EQ(expected.last_score, actual.last_score);
}

class Resume : public ::testing::TestWithParam<bool> {
 protected:
  static Outcome run_through(bool keep_best) {
    const TemporaryFolder folder;
    ToyObjective objective;
    ToySource source(20, 8);
    TrainingOptions options = resumable_options(folder.path());
    options.evaluation.keep_best = keep_best;
    const TrainingResult result = train(options, objective, source, toy_evaluator(objective));
    return outcome(folder.path(), objective, result);
  }
};

TEST_P(Resume, KilledAtRandomStepsEndsWithTheSameBits) {
  const Outcome expected = run_through(GetParam());
  std::mt19937 random(3);
  for (int trial = 0; trial < 4; ++trial) {
    std::set<std::int64_t> deaths;
    while (deaths.size() < 5) deaths.insert(1 + static_cast<std::int64_t>(random() % 36));
    const TemporaryFolder folder;
    ToySource source(20, 8);
    TrainingOptions options = resumable_options(folder.path());
    options.evaluation.keep_best = GetParam();
    for (const std::int64_t death : deaths) {
      MortalObjective objective(death);
      EXPECT_THROW(train(options, objective, source, toy_evaluator(objective)), Killed);
    }
    ToyObjective objective;
    const TrainingResult result = train(options, objective, source, toy_evaluator(objective));
    EXPECT_EQ(result.resumed_from, (*deaths.rbegin() - 1) / 7 * 7);
    expect_equal(expected, outcome(folder.path(), objective, result));
  }
}

INSTANTIATE_TEST_SUITE_P(KeepBest, Resume, ::testing::Bool());

TEST(Interruption, SavesItsStateAndGoesOnWithTheSameBits) {
  const TemporaryFolder whole_folder, folder;
  ToySource source(20, 8);
  ToyObjective whole;
  const TrainingResult whole_result =
      train(resumable_options(whole_folder.path()), whole, source, toy_evaluator(whole));

  TrainingOptions options = resumable_options(folder.path());
  for (const int stop_after : {2, 9, 1}) {
    int asked = 0;
    options.stop_requested = [&] { return ++asked == stop_after; };
    ToyObjective objective;
    try {
      train(options, objective, source, toy_evaluator(objective));
      FAIL() << "went on";
    } catch (const Interrupted& problem) {
      EXPECT_THAT(problem.what(), HasSubstr("stage 'toy' was interrupted at step "));
      EXPECT_THAT(problem.what(), HasSubstr("the same command goes on from there"));
    }
  }
  EXPECT_EQ(newest_checkpoint_step(folder.path()), 12);
  options.stop_requested = nullptr;
  ToyObjective objective;
  const TrainingResult result = train(options, objective, source, toy_evaluator(objective));
  EXPECT_EQ(result.resumed_from, 12);
  expect_equal(outcome(whole_folder.path(), whole, whole_result),
               outcome(folder.path(), objective, result));
}

TEST(Checkpoints, ByTimeDoNotChangeTheResult) {
  const TemporaryFolder with_folder, without_folder;
  ToySource source(20, 8);
  TrainingOptions options = resumable_options(without_folder.path());
  options.checkpoint.every_steps = 0;
  ToyObjective without;
  const TrainingResult without_result = train(options, without, source, toy_evaluator(without));

  options.directory = with_folder.path();
  options.checkpoint.every_minutes = 1e-9;
  ToyObjective with;
  const TrainingResult with_result = train(options, with, source, toy_evaluator(with));
  EXPECT_EQ(newest_checkpoint_step(with_folder.path()), 35);
  EXPECT_FALSE(newest_checkpoint_step(without_folder.path()));
  expect_equal(outcome(without_folder.path(), without, without_result),
               outcome(with_folder.path(), with, with_result));
}

TEST(Checkpoints, OfEarlierVersionsHaveNoBuffers) {
  const TemporaryFolder folder;
  ToySource source(20, 8);
  TrainingOptions options = resumable_options(folder.path());
  {
    MortalObjective objective(18);
    EXPECT_THROW(train(options, objective, source), Killed);
  }
  CheckpointStore store(folder.path(), options.fingerprint, 2);
  Checkpoint checkpoint = store.load_newest().value();
  EXPECT_EQ(checkpoint.tensors.at("parameter/steps").item<std::int64_t>(), checkpoint.state.step);
  checkpoint.tensors.erase("parameter/steps");
  store.save(checkpoint);
  ToyObjective objective;
  EXPECT_EQ(train(options, objective, source).resumed_from, checkpoint.state.step);
}

TEST(Checkpoints, OfADifferentModelAreRefused) {
  const TemporaryFolder folder;
  CheckpointStore store(folder.path(), "toy-1", 2);
  Checkpoint foreign;
  foreign.state.step = 3;
  foreign.tensors = {{"parameter/embedding.weight", at::ones({2, 2})}};
  store.save(foreign);
  ToyObjective objective;
  ToySource source(20, 8);
  try {
    train(toy_options(folder.path()), objective, source);
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("has another shape of parameter 'embedding.weight'"));
  }
}

TEST(TensorBoard, EventsAreThoseOfTheLogAfterAResume) {
  const TemporaryFolder folder;
  ToySource source(20, 8);
  MortalObjective mortal(18);
  EXPECT_THROW(train(resumable_options(folder.path()), mortal, source, toy_evaluator(mortal)),
               Killed);
  ToyObjective objective;
  train(resumable_options(folder.path()), objective, source, toy_evaluator(objective));
  const std::string events =
      io::read_file(folder.path() / "tensorboard" / "events.out.tfevents.prumux");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = events.find("learning_rate", at)) != std::string::npos; ++at)
    ++count;
  EXPECT_EQ(count, 36u / 4) << "one for each line of the log, none twice";
}

}  // namespace
}  // namespace prumux::train

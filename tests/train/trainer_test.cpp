#include "core/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/train/checkpoint.h"
#include "prumux/error.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Train, LearnsTheToyTaskAndLogsIt) {
  const TemporaryFolder folder;
  ToyObjective objective;
  ToySource source(20, 32);
  const TrainingResult result =
      train(toy_options(folder.path()), objective, source, toy_evaluator(objective));
  EXPECT_EQ(result.steps, 80);
  EXPECT_EQ(result.resumed_from, 0);
  ASSERT_TRUE(result.best);
  EXPECT_GT(result.best->score, 0.95);
  EXPECT_EQ(objective.accuracy(), result.best->score) << "the best weights were not restored";

  const auto records = records_without_timing(folder.path());
  std::vector<double> losses;
  int evaluations = 0;
  for (const auto& record : records) {
    if (record.contains("loss")) losses.push_back(record["loss"].get<double>());
    evaluations += record.contains("evaluation") ? 1 : 0;
  }
  EXPECT_EQ(losses.size(), 80u / 3 + 1);
  EXPECT_EQ(evaluations, 4);
  EXPECT_LT(losses.back(), 0.5 * losses.front());
  EXPECT_EQ(records.front()["step"], 3);
  EXPECT_EQ(records.front()["epoch"], 3.0 / 20);
  EXPECT_TRUE(records.front()["metrics"].contains("multiplier"));
}

TEST(Train, TellsTheObjectiveItsScheduleAndSteps) {
  const TemporaryFolder folder;
  ToyObjective objective;
  ToySource source(7, 4);
  TrainingOptions options = toy_options(folder.path());
  options.accumulation_steps = 2;
  options.epochs = 1.5;
  const TrainingResult result = train(options, objective, source);
  EXPECT_EQ(objective.schedule.steps_per_epoch, 3);
  EXPECT_EQ(objective.schedule.total_steps, 5);
  EXPECT_EQ(objective.steps_done, 5);
  EXPECT_EQ(result.steps, 5);
  EXPECT_FALSE(result.best);
}

/// One batch of a source in two halves.
class Halves : public BatchSource {
 public:
  explicit Halves(BatchSource& whole) : whole_(whole) {}
  std::int64_t batches_per_epoch() const override { return 2 * whole_.batches_per_epoch(); }
  text::Batch batch(std::int64_t epoch, std::int64_t index) override {
    text::Batch batch = whole_.batch(epoch, index / 2);
    const std::int64_t rows = batch.input_ids.size(0) / 2;
    const std::int64_t begin = index % 2 * rows;
    batch.input_ids = batch.input_ids.narrow(0, begin, rows);
    batch.labels = batch.labels.narrow(0, begin, rows);
    return batch;
  }

 private:
  BatchSource& whole_;
};

TEST(Train, AccumulatedMicroBatchesEqualOneLargeBatch) {
  const TemporaryFolder large_folder, small_folder;
  ToyObjective large(0.0), small(0.0);
  ToySource source(6, 32);
  Halves halves(source);
  TrainingOptions options = toy_options(large_folder.path());
  train(options, large, source);
  options.directory = small_folder.path();
  options.accumulation_steps = 2;
  train(options, small, halves);
  const NamedTensors expected = large.parameters(), actual = small.parameters();
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_LT((expected[i].second - actual[i].second).abs().max().item<double>(), 2e-5)
        << expected[i].first;
}

TEST(Train, LeavesFrozenParametersAloneAndAscendsMaximisedOnes) {
  const TemporaryFolder folder;
  ToyObjective objective;
  const at::Tensor bias = objective.parameters().back().second.clone();
  ASSERT_EQ(objective.parameters().back().first, "output.bias");
  ToySource source(20, 8);
  TrainingOptions options = toy_options(folder.path());
  options.max_steps = 10;
  train(options, objective, source);
  EXPECT_TRUE(at::equal(objective.parameters().back().second, bias));
  // Its gradient is positive, so ascent raises it by the constant rate 0.05 a step.
  at::manual_seed(options.seed);
  const double start = at::randn({1}).item<double>();
  EXPECT_NEAR(objective.metrics().at("multiplier"), std::min(3.0, start + 10 * 0.05), 0.02);
}

TEST(Train, OnlyEvaluationsThatMeetTheTargetCountAsBest) {
  const TemporaryFolder folder;
  ToyObjective objective;
  objective.target_step = 60;
  ToySource source(20, 32);
  const TrainingResult result = train(toy_options(folder.path()), objective, source, [] {
    return Evaluation{0.5, {}};
  });
  EXPECT_EQ(result.best_step, 60);
}

TEST(Train, KeepsTheLastWeightsWhenNoEvaluationMetTheTarget) {
  const TemporaryFolder folder;
  ToyObjective objective;
  objective.target_step = 1000;
  ToySource source(20, 8);
  const TrainingResult result =
      train(toy_options(folder.path()), objective, source, toy_evaluator(objective));
  EXPECT_FALSE(result.best_step);
  ASSERT_TRUE(result.last);
  EXPECT_EQ(objective.accuracy(), result.last->score);
}

TEST(Train, StopsWhenPatienceRunsOutAndLowerIsBetter) {
  const TemporaryFolder folder;
  ToyObjective objective;
  ToySource source(50, 4);
  TrainingOptions options = toy_options(folder.path());
  options.evaluation.every_steps = 5;
  options.evaluation.higher_is_better = false;
  options.evaluation.patience = 2;
  int calls = 0;
  const TrainingResult result = train(options, objective, source, [&] {
    ++calls;
    return Evaluation{calls < 4 ? 10.0 - calls : 20.0 + calls, {}};
  });
  EXPECT_TRUE(result.stopped_early);
  EXPECT_EQ(result.steps, 25);
  EXPECT_EQ(result.best_step, 15);
  EXPECT_EQ(result.best->score, 7.0);
}

TEST(Train, EvaluationBeforeTrainingIsLoggedButNeverTheBest) {
  const TemporaryFolder folder;
  ToyObjective objective;
  ToySource source(4, 8);
  TrainingOptions options = toy_options(folder.path());
  options.evaluation.before_training = true;
  int calls = 0;
  const TrainingResult result = train(options, objective, source, [&] {
    return Evaluation{calls++ == 0 ? 1.0 : 0.5, {}};
  });
  EXPECT_EQ(result.best_step, 4);
  EXPECT_EQ(records_without_timing(folder.path()).front()["step"], 0);
}

TEST(Train, NotANumberNamesStageStepRemedyAndCheckpoint) {
  const TemporaryFolder folder;
  ToyObjective objective;
  objective.poisoned_step = 7;
  ToySource source(20, 8);
  TrainingOptions options = toy_options(folder.path());
  options.precision = Precision::bfloat16;
  options.checkpoint.every_steps = 5;
  try {
    train(options, objective, source);
    FAIL() << "went on";
  } catch (const NumericError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("stage 'toy', step 8 of 80: the loss is nan. Lower the "
                                          "learning rate"));
    EXPECT_THAT(problem.what(), HasSubstr("or train in float32"));
    EXPECT_THAT(problem.what(), HasSubstr("the checkpoint of step 5 is kept in"));
  }
  EXPECT_EQ(newest_checkpoint_step(folder.path()), 5);
}

TEST(Train, TooLittleDataForOneStepIsAnError) {
  const TemporaryFolder folder;
  ToyObjective objective;
  ToySource source(3, 8);
  TrainingOptions options = toy_options(folder.path());
  options.accumulation_steps = 4;
  try {
    train(options, objective, source);
    FAIL() << "went on";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("the data gives 3 batches, fewer than the 4"));
  }
}

/// Fails at one batch, as a damaged cache would.
class FailingSource : public ToySource {
 public:
  FailingSource() : ToySource(20, 4) {}
  text::Batch batch(std::int64_t epoch, std::int64_t index) override {
    if (index == 3) throw DataError("the cache is damaged");
    return ToySource::batch(epoch, index);
  }
};

TEST(Train, ErrorsOfTheDataReachTheCaller) {
  const TemporaryFolder folder;
  ToyObjective objective;
  FailingSource source;
  EXPECT_THROW(train(toy_options(folder.path()), objective, source), DataError);
}

}  // namespace
}  // namespace prumux::train

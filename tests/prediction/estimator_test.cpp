#include "core/prediction/estimator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "prumux/error.h"
#include "sample_grid.h"

namespace prumux::prediction {
namespace {

using ::testing::ThrowsMessage;

void expect_estimate(const std::optional<Estimate>& estimate, double value, Source source) {
  ASSERT_TRUE(estimate.has_value());
  EXPECT_NEAR(estimate->value, value, 1e-9);
  EXPECT_EQ(to_string(estimate->source), to_string(source));
}

/// Remembers how many observations it was given, and predicts a constant.
class Constant : public PerformanceModel {
 public:
  Constant(double value, std::vector<std::size_t>& fits) : value_(value), fits_(fits) {}
  void fit(const std::vector<Observation>& observations) override {
    fits_.push_back(observations.size());
  }
  Prediction predict(const Configuration&) const override {
    return {value_, std::nullopt, false, "constant"};
  }
  std::string save() const override { return ""; }
  void load(const std::string&) override {}

 private:
  double value_;
  std::vector<std::size_t>& fits_;
};

TEST(Estimator, PrefersWhatWasMeasured) {
  const Grid grid = sample_grid();
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models());
  expect_estimate(accuracy.estimate({5, 0.7}), 0.83, Source::measured);
  expect_estimate(accuracy.estimate({1, 0.0}), 0.93, Source::measured);
}

TEST(Estimator, InterpolatesAndSaysWhenItExtrapolates) {
  const Grid grid = sample_grid();
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models());
  expect_estimate(accuracy.estimate({5, 0.65}), 0.85, Source::interpolated);
  expect_estimate(accuracy.estimate({5, 0.9}), 0.85, Source::extrapolated);
  Estimator throughput(grid.task("a"), Quantity::throughput, bilinear_models());
  expect_estimate(throughput.estimate({5, 0.65}), std::sqrt(400.0 * 500.0), Source::interpolated);
}

TEST(Estimator, DoesNotUseTheCellThatIsLeftOut) {
  const Grid grid = sample_grid();
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models(), Cell{5, 0.7});
  expect_estimate(accuracy.estimate({5, 0.7}), 0.855, Source::interpolated);
  expect_estimate(accuracy.estimate({5, 0.8}), 0.84, Source::measured);
}

TEST(Estimator, KeepsDensePrunedAndDoublyCompressedAccuraciesApart) {
  const Grid grid({{"a", {1, 0.0}, {0.93, {}}},
                   {"a", {1, 0.8}, {0.91, {}}},
                   {"a", {5, 0.0}, {0.89, {}}},
                   {"a", {2, 0.6}, {0.80, {}}}});
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models());
  expect_estimate(accuracy.estimate({1, 0.4}), 0.92, Source::interpolated);
  expect_estimate(accuracy.estimate({2, 0.0}), 0.92, Source::interpolated);
  expect_estimate(accuracy.estimate({5, 0.6}), 0.80, Source::extrapolated);
}

TEST(Estimator, HasNoAnswerWithoutAnyMeasurementOfTheKind) {
  const Grid grid({{"a", {1, 0.0}, {0.93, {}}}});
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models());
  EXPECT_EQ(accuracy.estimate({2, 0.6}), std::nullopt);
  Estimator throughput(grid.task("a"), Quantity::throughput, bilinear_models());
  EXPECT_EQ(throughput.estimate({1, 0.0}), std::nullopt);
}

TEST(Estimator, TakesTheNegativeCorrelationsThatSomeTasksHaveAsScores) {
  const Grid grid({{"a", {2, 0.6}, {-0.02, 200}}, {"a", {2, 0.8}, {0.1, 400}}});
  Estimator accuracy(grid.task("a"), Quantity::accuracy, bilinear_models());
  expect_estimate(accuracy.estimate({2, 0.6}), -0.02, Source::measured);
  expect_estimate(accuracy.estimate({2, 0.7}), 0.05, Source::interpolated);
}

TEST(Estimator, FitsAnyModelOnceAndOnlyWhenNeeded) {
  std::vector<std::size_t> fits;
  const ModelFactory models = [&](Quantity) { return std::make_shared<Constant>(0.5, fits); };
  const Grid grid = sample_grid();
  Estimator accuracy(grid.task("a"), Quantity::accuracy, models);
  accuracy.estimate({2, 0.6});
  EXPECT_TRUE(fits.empty());
  expect_estimate(accuracy.estimate({2, 0.65}), 0.5, Source::interpolated);
  accuracy.estimate({2, 0.66});
  EXPECT_THAT(fits, ::testing::ElementsAre(6));
}

TEST(Estimator, RefusesPredictionsThatAreNoNumbers) {
  std::vector<std::size_t> fits;
  const ModelFactory models = [&](Quantity) { return std::make_shared<Constant>(NAN, fits); };
  const Grid grid = sample_grid();
  Estimator accuracy(grid.task("a"), Quantity::accuracy, models);
  EXPECT_THAT(
      [&] {
        accuracy.estimate({2, 0.65});
      },
      ThrowsMessage<NumericError>(
          "the performance model predicts nan for the accuracy of task 'a' at instances 2, "
          "sparsity 0.65; use another model, or measure cells nearer to this one"));
}

}  // namespace
}  // namespace prumux::prediction

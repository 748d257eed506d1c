#include "core/prediction/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "prumux/error.h"
#include "sample_grid.h"

namespace prumux::prediction {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

RecommendationOptions at_least(double accuracy) {
  RecommendationOptions options;
  options.task = std::string("a");
  options.min_accuracy = accuracy;
  return options;
}

RecommendationOptions losing_at_most(double loss) {
  RecommendationOptions options;
  options.task = std::string("a");
  options.max_loss = loss;
  return options;
}

std::vector<Cell> best_cells(const Grid& grid, const RecommendationOptions& options) {
  std::vector<Cell> cells;
  for (const auto& one : recommend(grid, options, bilinear_models()).best) {
    cells.push_back(one.cell);
  }
  return cells;
}

template <typename Problem>
void expect_error(const Grid& grid, const RecommendationOptions& options,
                  const std::string& message) {
  EXPECT_THAT([&] { recommend(grid, options, bilinear_models()); },
              ThrowsMessage<Problem>(HasSubstr(message)));
}

TEST(Recommendation, IsTheFastestThatIsAccurateEnough) {
  EXPECT_THAT(best_cells(sample_grid(), at_least(0.865)),
              ElementsAre(Cell{5, 0.6}, Cell{2, 0.7}, Cell{2, 0.6}));
}

TEST(Recommendation, PrefersTheMoreAccurateOfEquallyFastOnes) {
  EXPECT_THAT(best_cells(sample_grid(), at_least(0.86)),
              ElementsAre(Cell{5, 0.6}, Cell{2, 0.8}, Cell{2, 0.7}));
}

TEST(Recommendation, EstimatesEveryCandidateWhateverItsScore) {
  const Grid grid({{"a", {1, 0.0}, {-0.02, 100}}, {"a", {2, 0.0}, {-0.1, 200}}});
  const auto all = estimates(grid, losing_at_most(0.0), bilinear_models());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.front().cell, (Cell{2, 0.0}));
  EXPECT_EQ(all.front().accuracy.value, -0.1);
}

TEST(Recommendation, PrefersFewerInstancesWhenAllElseIsEqual) {
  const Grid grid({{"a", {5, 0.6}, {0.9, 100}}, {"a", {2, 0.8}, {0.9, 100}}});
  EXPECT_THAT(best_cells(grid, at_least(0.5)), ElementsAre(Cell{2, 0.8}, Cell{5, 0.6}));
}

TEST(Recommendation, MeasuresLossesFromTheUncompressedModel) {
  // 0.93 - 0.06 is a little more than 0.87 in binary; the cell at 0.87 still counts.
  const auto result = recommend(sample_grid(), losing_at_most(0.06), bilinear_models());
  EXPECT_NEAR(result.min_accuracy, 0.87, 1e-12);
  EXPECT_EQ(result.best.front().cell, (Cell{5, 0.6}));
  EXPECT_EQ(result.baseline_accuracy, 0.93);
  EXPECT_EQ(result.baseline_throughput, 100.0);
}

TEST(Recommendation, OfNoLossIsTheUncompressedModelItself) {
  EXPECT_THAT(best_cells(sample_grid(), losing_at_most(0.0)), ElementsAre(Cell{1, 0.0}));
}

TEST(Recommendation, GivesAsManyAsAskedFor) {
  auto options = at_least(0.0);
  options.top = 1;
  EXPECT_THAT(best_cells(sample_grid(), options), ElementsAre(Cell{5, 0.8}));
  options.top = 100;
  EXPECT_EQ(best_cells(sample_grid(), options).size(), 7u);
}

TEST(Recommendation, PredictsCellsOfTheGridWithoutAccuracy) {
  auto rows = sample_rows("a");
  rows.push_back({"a", {5, 0.65}, {{}, 450}});
  const auto result = recommend(Grid(rows), at_least(0.845), bilinear_models());
  const Recommendation& best = result.best.front();
  EXPECT_EQ(best.cell, (Cell{5, 0.65}));
  EXPECT_NEAR(best.accuracy.value, 0.85, 1e-12);
  EXPECT_EQ(best.accuracy.source, Source::interpolated);
  EXPECT_EQ(best.throughput.value, 450.0);
  EXPECT_EQ(best.throughput.source, Source::measured);
  EXPECT_FALSE(best.extrapolated());
}

TEST(Recommendation, ChoosesFromTheCandidatesOnly) {
  auto options = at_least(0.845);
  options.candidates = {{2, 0.7}, {5, 0.65}};
  const auto result = recommend(sample_grid(), options, bilinear_models());
  ASSERT_EQ(result.best.size(), 2u);
  EXPECT_EQ(result.best[0].cell, (Cell{5, 0.65}));
  EXPECT_NEAR(result.best[0].throughput.value, std::sqrt(400.0 * 500.0), 1e-9);
  EXPECT_EQ(result.best[0].throughput.source, Source::interpolated);
  EXPECT_EQ(result.best[1].cell, (Cell{2, 0.7}));
}

TEST(Recommendation, ExcludesExtrapolationUnlessAllowed) {
  auto options = at_least(0.845);
  options.candidates = {{5, 0.6}, {5, 0.9}};
  EXPECT_THAT(best_cells(sample_grid(), options), ElementsAre(Cell{5, 0.6}));
  options.allow_extrapolation = true;
  const auto result = recommend(sample_grid(), options, bilinear_models());
  EXPECT_EQ(result.best.front().cell, (Cell{5, 0.9}));
  EXPECT_TRUE(result.best.front().extrapolated());
}

TEST(Recommendation, TakesTheThroughputOfAnotherTask) {
  auto rows = sample_rows("a");
  rows.push_back({"b", {2, 0.6}, {{}, 70}});
  rows.push_back({"b", {2, 0.8}, {{}, 280}});
  auto options = at_least(0.85);
  options.throughput_task = std::string("b");
  const auto result = recommend(Grid(rows), options, bilinear_models());
  EXPECT_EQ(result.throughput_task, "b");
  EXPECT_EQ(result.baseline_throughput, std::nullopt);
  // (5, *) and (1, 0) lie outside of what b measured.
  ASSERT_EQ(result.best.size(), 3u);
  EXPECT_EQ(result.best[0].cell, (Cell{2, 0.8}));
  EXPECT_EQ(result.best[0].throughput.value, 280.0);
  EXPECT_EQ(result.best[1].cell, (Cell{2, 0.7}));
  EXPECT_NEAR(result.best[1].throughput.value, 140.0, 1e-9);
  EXPECT_EQ(result.best[1].throughput.source, Source::interpolated);
}

TEST(Recommendation, ConsidersWhatOnlyTheReferenceTaskMeasured) {
  auto rows = sample_rows("a");
  for (const GridRow& row : sample_rows("b")) rows.push_back(row);
  rows.push_back({"b", {5, 0.65}, {{}, 470}});
  auto options = at_least(0.845);
  options.throughput_task = std::string("b");
  EXPECT_EQ(best_cells(Grid(rows), options).front(), (Cell{5, 0.65}));
}

TEST(Recommendation, SaysTheBestAccuracyWhenNoneIsEnough) {
  expect_error<DataError>(
      sample_grid(), at_least(0.95),
      "no candidate of task 'a' reaches the accuracy 0.95; the best there is: 0.93 (measured) at "
      "instances 1, sparsity 0; lower the minimum or allow a larger loss");
}

TEST(Recommendation, SaysWhenOnlyExtrapolationWouldReachTheAccuracy) {
  auto options = at_least(0.845);
  options.candidates = {{5, 0.9}};
  expect_error<DataError>(sample_grid(), options,
                          "1 would reach it by extrapolation beyond the measurements, which "
                          "--allow-extrapolation admits");
}

TEST(Recommendation, RefusesWrongOptions) {
  const Grid grid = sample_grid();
  auto options = at_least(0.9);
  options.max_loss = 0.1;
  expect_error<ConfigError>(grid, options, "exactly one of");
  options.min_accuracy.reset();
  options.max_loss.reset();
  expect_error<ConfigError>(grid, options, "exactly one of");
  expect_error<ConfigError>(grid, at_least(93), "must be in [0, 1], found 93; 90 percent is 0.9");
  expect_error<ConfigError>(grid, at_least(NAN), "must be in [0, 1]");
  expect_error<ConfigError>(grid, losing_at_most(1), "1 point of accuracy is 0.01");
  expect_error<ConfigError>(grid, losing_at_most(-0.1), "must be in [0, 1)");
  options = at_least(0.9);
  options.task = std::string("z");
  expect_error<ConfigError>(grid, options, "no task 'z'; its tasks: a");
  options = at_least(0.9);
  options.throughput_task = std::string("z");
  expect_error<ConfigError>(grid, options, "no task 'z'");
  options = at_least(0.9);
  options.top = 0;
  expect_error<ConfigError>(grid, options, "at least one recommendation");
}

TEST(Recommendation, SaysWhichMeasurementIsMissing) {
  const Grid no_baseline({{"a", {2, 0.6}, {0.9, 100}}});
  expect_error<DataError>(no_baseline, losing_at_most(0.1),
                          "the accuracy at instances 1, sparsity 0, which is not measured for task "
                          "'a'");
  expect_error<DataError>(Grid({{"a", {2, 0.6}, {0.9, {}}}}), at_least(0.5),
                          "no throughput is measured for task 'a'");
  expect_error<DataError>(Grid({{"a", {2, 0.6}, {{}, 100}}}), at_least(0.5),
                          "no accuracy of task 'a' is measured");
}

TEST(Recommendation, IsWrittenAsJson) {
  auto options = at_least(0.865);
  options.top = 1;
  const auto json = to_json(recommend(sample_grid(), options, bilinear_models()));
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "task": "a", "throughput_task": "a", "min_accuracy": 0.865,
    "baseline": {"accuracy": 0.93, "throughput": 100.0},
    "recommendations": [{"instances": 5, "sparsity": 0.6, "accuracy": 0.87, "throughput": 400.0,
      "accuracy_source": "measured", "throughput_source": "measured", "extrapolated": false}]})"));
}

TEST(Recommendation, IsWrittenAsATable) {
  auto options = losing_at_most(0.085);
  options.candidates = {{5, 0.65}, {2, 0.7}};
  EXPECT_EQ(
      to_text(recommend(sample_grid(), options, bilinear_models())),
      R"(Task a: the fastest configurations with an accuracy of at least 0.8450 (uncompressed: 0.9300)

rank  instances  sparsity  accuracy                examples/s                speed-up
   1          5      0.65  0.8500  interpolated    447.2  interpolated          4.47x
   2          2       0.7  0.8800  measured        250.0  measured              2.50x
)");
}

}  // namespace
}  // namespace prumux::prediction

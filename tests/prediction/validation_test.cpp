#include "core/prediction/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "prumux/error.h"
#include "sample_grid.h"

namespace prumux::prediction {
namespace {

using ::testing::ThrowsMessage;

Validation validate(const std::vector<GridRow>& rows,
                    const std::optional<std::string>& throughput_task = std::nullopt) {
  return cross_validate(Grid(rows), "a", throughput_task, bilinear_models());
}

TEST(Validation, PredictsEachDoublyCompressedCellFromTheOthers) {
  const auto left_out = validate(sample_rows("a")).left_out;
  const std::vector<double> predicted = {0.90, 0.88, 0.86, 0.82, 0.855, 0.79};
  ASSERT_EQ(left_out.size(), predicted.size());
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    const auto& accuracy = left_out[i].accuracy;
    ASSERT_TRUE(accuracy && accuracy->predicted);
    EXPECT_NEAR(accuracy->predicted->value, predicted[i], 1e-12) << describe(left_out[i].cell);
  }
  EXPECT_EQ(left_out[4].accuracy->predicted->source, Source::interpolated);
  EXPECT_EQ(left_out[5].accuracy->predicted->source, Source::extrapolated);
}

TEST(Validation, CountsAccuraciesWithinAPointAndAHalf) {
  EXPECT_EQ(validate(sample_rows("a")).accuracy_within, 3.0 / 6.0);
}

TEST(Validation, AveragesTheErrors) {
  const Validation result = validate(
      {{"a", {2, 0.6}, {0.90, 100}}, {"a", {2, 0.7}, {0.86, 220}}, {"a", {2, 0.8}, {0.80, 400}}});
  // 0.92, 0.85 and 0.82 are predicted; 121, 200 and 484 examples a second.
  EXPECT_NEAR(result.accuracy_error.value_or(0), (0.02 + 0.01 + 0.02) / 3, 1e-12);
  EXPECT_NEAR(result.throughput_error.value_or(0), (0.21 + 20.0 / 220 + 0.21) / 3, 1e-12);
}

TEST(Validation, CountsAnErrorOfExactlyTheToleranceAsWithin) {
  const Validation result = validate(
      {{"a", {2, 0.6}, {0.90, {}}}, {"a", {2, 0.7}, {0.865, {}}}, {"a", {2, 0.8}, {0.80, {}}}});
  // Middle: 0.85 against 0.865; the ends are wrong by twice as much.
  EXPECT_EQ(result.accuracy_within, 1.0 / 3.0);
}

TEST(Validation, PredictsThroughputsFromTheTasksOtherCells) {
  // (2, .6) from 250^2/400 and (2, .8) from 250^2/200 are 22 % off, (2, .7) 13 %; (5, *) exact.
  const Validation result = validate(sample_rows("a"));
  EXPECT_EQ(result.throughput_within, 4.0 / 6.0);
  ASSERT_TRUE(result.left_out[0].throughput && result.left_out[0].throughput->predicted);
  EXPECT_EQ(result.left_out[0].throughput->measured, 200.0);
  EXPECT_NEAR(result.left_out[0].throughput->predicted->value, 250.0 * 250.0 / 400.0, 1e-9);
}

TEST(Validation, ComparesSpeedUpsWithThoseOfTheReferenceTask) {
  auto rows = sample_rows("a");
  // Half as fast throughout, but for (2, .8): speed-up 5.2 instead of 4.
  for (GridRow row : sample_rows("b")) {
    row.measurement.throughput = row.cell == Cell{2, 0.8} ? 260.0 : *row.measurement.throughput / 2;
    rows.push_back(row);
  }
  EXPECT_EQ(validate(rows, "b").throughput_within, 5.0 / 6.0);
  EXPECT_EQ(validate(rows, "a").throughput_within, 1.0);
}

TEST(Validation, CountsTheBudgetsWhoseBestCellIsAmongTheTopThree) {
  // Losses 0 to .055 hit (12 budgets). From .06 on the truly best is (5, .6), later (5, .8), which
  // are predicted to be 0.82 and 0.79, less than any budget allows.
  EXPECT_EQ(validate(sample_rows("a")).top3_hit, 12.0 / 21.0);
}

TEST(Validation, HitsEveryBudgetOfAPredictableGrid) {
  std::vector<GridRow> rows = {{"a", {1, 0.0}, {0.93, 100}}, {"a", {1, 0.6}, {0.92, 150}}};
  for (const int n : {2, 5, 10}) {
    for (const double s : {0.6, 0.7, 0.8, 0.9, 0.95}) {
      rows.push_back({"a", {n, s}, {1.0 - 0.01 * n - 0.1 * s, 100 * n / (1.0 - s)}});
    }
  }
  const Validation result = validate(rows, "a");
  EXPECT_EQ(result.left_out.size(), 15u);
  EXPECT_EQ(result.accuracy_within, 1.0);
  EXPECT_EQ(result.throughput_within, 1.0);
  EXPECT_EQ(result.top3_hit, 1.0);
}

TEST(Validation, HasNoValueWithoutMeasurements) {
  const Validation single = validate({{"a", {2, 0.6}, {0.9, 100}}});
  EXPECT_EQ(single.accuracy_within, std::nullopt);
  EXPECT_EQ(single.throughput_within, std::nullopt);
  EXPECT_EQ(single.top3_hit, std::nullopt);
  auto rows = sample_rows("a");
  rows.erase(rows.begin());
  EXPECT_EQ(validate(rows).accuracy_within, 0.5);
  EXPECT_EQ(validate(rows).top3_hit, std::nullopt);
}

TEST(Validation, NeedsATaskOfTheGrid) {
  EXPECT_THAT([] { cross_validate(sample_grid(), "x", std::nullopt, bilinear_models()); },
              ThrowsMessage<ConfigError>("the grid has no task 'x'; its tasks: a"));
}

TEST(Validation, IsWrittenAsJsonByTask) {
  const auto json = to_json({validate({{"a", {2, 0.6}, {0.9, 100}}})});
  EXPECT_EQ(json, nlohmann::json::parse(R"({"a": {
    "accuracy_within": null, "accuracy_error": null,
    "throughput_within": null, "throughput_error": null, "top3_hit": null,
    "left_out": [{"instances": 2, "sparsity": 0.6, "accuracy": 0.9, "predicted_accuracy": null,
                  "throughput": 100.0, "predicted_throughput": null}]}})"));
}

TEST(Validation, IsWrittenAsATable) {
  EXPECT_EQ(to_text({validate(sample_rows("a"))}),
            "task              accuracy +-0.015  mean error  throughput +-20 %  mean error  "
            "top-3 hits  left out\n"
            "a                           50.0 %      0.0208             66.7 %       9.5 %  "
            "    57.1 %         6\n");
}

}  // namespace
}  // namespace prumux::prediction

#include "core/prediction/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "prumux/error.h"

namespace prumux::prediction {
namespace {

using ::testing::ElementsAre;

/// Predicts functions of the sparsity, whatever it was fitted to.
class KnownModel : public PerformanceModel {
 public:
  KnownModel(Quantity quantity, std::optional<double> deviation)
      : quantity_(quantity), deviation_(deviation) {}

  void fit(const std::vector<Observation>& /*observations*/) override {}
  Prediction predict(const Configuration& configuration) const override {
    const double sparsity = configuration.at("sparsity");
    if (quantity_ == Quantity::throughput) return {100.0 / (1.0 - sparsity), 1.0, false, ""};
    return {0.9 - 0.1 * sparsity, deviation_, false, ""};
  }
  std::string save() const override { return ""; }
  void load(const std::string& /*text*/) override {}

 private:
  Quantity quantity_;
  std::optional<double> deviation_;
};

ModelFactory known_models(std::optional<double> deviation) {
  return
      [deviation](Quantity quantity) { return std::make_shared<KnownModel>(quantity, deviation); };
}

Candidate candidate(double instances, double sparsity, Measurement measurement = {}) {
  return {{{"instances", instances}, {"sparsity", sparsity}}, measurement};
}

TEST(Search, BeginsWithoutCompressionThenWithTheMildestOfEachKindThenAtTheCorners) {
  std::vector<Candidate> grid;
  for (const double instances : {1, 2, 5}) {
    for (const double sparsity : {0.0, 0.6, 0.9}) grid.push_back(candidate(instances, sparsity));
  }
  EXPECT_THAT(beginning(grid), ElementsAre(0, 1, 3, 2, 6, 8));
  // One value of a number is its lowest and its highest; of two, the second is the mildest.
  EXPECT_THAT(beginning({candidate(1, 0), candidate(1, 0.9)}), ElementsAre(0, 1));
  // More of a number that compresses nothing is no milder: its ends count.
  for (Candidate& cell : grid) {
    cell.configuration["layers"] = cell.configuration["instances"];
    cell.configuration.erase("instances");
  }
  EXPECT_THAT(beginning(grid), ElementsAre(0, 1, 2, 6, 8));
}

TEST(Search, WhatAMilderCellFallsShortOfByMoreThanChanceIsRuledOut) {
  const std::vector<Candidate> grid = {candidate(1, 0, {0.9, 100}), candidate(2, 0, {0.83, 180}),
                                       candidate(2, 0.6), candidate(1, 0.6), candidate(5, 0)};
  // By hand: 0.83 is two deviations of a point below 0.85, Phi(-2) = 0.02275; 0.9 five above.
  EXPECT_NEAR(highest_chance(grid[2], 0.85, grid), 0.02275, 1e-5);
  EXPECT_NEAR(highest_chance(grid[4], 0.85, grid), 0.02275, 1e-5);
  EXPECT_NEAR(highest_chance(grid[3], 0.85, grid), 1.0, 1e-5);
  EXPECT_EQ(highest_chance(candidate(1, 0), 0.99, {candidate(2, 0, {0.8, 1})}), 1.0)
      << "what is compressed more rules out nothing";
  // The model's own belief is Phi(0) of 0.84 at sparsity 0.6.
  const auto found = promises(grid, 0.84, known_models(0.02));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].candidate, 2U);
  EXPECT_NEAR(found[0].chance, 0.1587, 1e-4) << "one deviation of a point above 0.83";
  EXPECT_NEAR(found[1].chance, 0.5, 1e-9);
}

TEST(Search, TheBestIsTheFastestThatIsAccurateEnough) {
  const std::vector<Candidate> grid = {candidate(1, 0, {0.9, 100}), candidate(1, 0.5, {0.85, 200}),
                                       candidate(1, 0.9, {0.7, 1000}),
                                       candidate(1, 0.95, {std::nullopt, 2000})};
  EXPECT_EQ(best_measured(grid, 0.85), 1U);
  EXPECT_EQ(best_measured(grid, 0.6), 2U);
  EXPECT_EQ(best_measured(grid, 0.95), std::nullopt);
  const std::vector<Candidate> equal = {candidate(1, 0, {0.8, 100}), candidate(1, 0.5, {0.9, 100}),
                                        candidate(1, 0.9, {0.7, 100})};
  EXPECT_EQ(best_measured(equal, 0.6), 1U) << "equally fast ones";
}

TEST(Search, ACellPromisesItsExpectedImprovement) {
  const std::vector<Candidate> grid = {candidate(1, 0, {0.9, 100}), candidate(1, 0.5),
                                       candidate(1, 0.6), candidate(1, 0.8)};
  const auto found = promises(grid, 0.84, known_models(0.02));
  ASSERT_EQ(found.size(), 3U);
  // By hand: at 0.5 the chance is Phi(0.5) = 0.6915 of 100 more, at 0.6 Phi(0) = 0.5 of 150, and at
  // 0.8 Phi(-1) = 0.1587 of 400.
  EXPECT_NEAR(found[0].gain.value_or(0), 69.15, 1e-2);
  EXPECT_EQ(found[1].candidate, 2U);
  EXPECT_NEAR(found[1].chance, 0.5, 1e-9);
  EXPECT_NEAR(found[1].gain.value_or(0), 75.0, 1e-6);
  EXPECT_NEAR(found[2].gain.value_or(0), 63.46, 1e-2);
  const auto certain = promises(grid, 0.845, known_models(0.0));
  EXPECT_NEAR(certain[0].chance, 0.8413, 1e-4) << "0.85 is one least deviation above the bound";
  EXPECT_NEAR(certain[1].chance, 0.1587, 1e-4) << "0.84 is one below";
}

TEST(Search, DoubtsTheModelWhereMeasuredCellsOnBothSidesAllowMore) {
  const std::vector<Candidate> grid = {candidate(1, 0, {0.9, 100}), candidate(1, 0.5),
                                       candidate(2, 0.9, {0.7, 1000})};
  const auto found = promises(grid, 0.86, known_models(0.0));
  ASSERT_EQ(found.size(), 1U);
  // By hand: 0.85 is two least deviations too low, Phi(-2) = 0.02275; of the accuracies from 0.7 to
  // 0.9, a fifth are enough. 0.8 x 0.02275 + 0.2 x 0.2.
  EXPECT_NEAR(found[0].chance, 0.0582, 1e-4);
  // The other two have more instances and less sparsity, or another value of what is not ordered.
  const std::vector<Candidate> apart = {candidate(2, 0, {0.9, 100}), candidate(1, 0.5),
                                        candidate(2, 0.9, {0.7, 1000})};
  EXPECT_NEAR(promises(apart, 0.86, known_models(0.0))[0].chance, 0.02275, 1e-4);
  std::vector<Candidate> other = grid;
  for (Candidate& cell : other) cell.configuration["seed"] = cell.is_measured() ? 1 : 2;
  EXPECT_NEAR(promises(other, 0.86, known_models(0.0))[0].chance, 0.02275, 1e-4);
}

TEST(Search, AsLongAsNothingIsAccurateEnoughThereIsNothingToGainOn) {
  const auto found =
      promises({candidate(2, 0, {0.8, 100}), candidate(1, 0.5)}, 0.86, known_models(0.01));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].chance, 0.1587, 1e-4);
  EXPECT_EQ(found[0].gain, std::nullopt);
}

TEST(Search, TakesTheNegativeCorrelationsThatSomeTasksHaveAsScores) {
  const std::vector<Candidate> grid = {candidate(1, 0, {-0.02, 100}), candidate(1, 0.5)};
  EXPECT_EQ(promises(grid, 0.5, known_models(0.01)).size(), 1U);
}

TEST(Search, AModelWithoutUncertaintiesCountsAsOneThatIsOffByTheTolerance) {
  const std::vector<Candidate> grid = {candidate(1, 0, {0.9, 100}), candidate(1, 0.5)};
  const auto found = promises(grid, 0.865, known_models(std::nullopt));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].chance, 0.1587, 1e-4) << "0.85 is one standard deviation of 0.015 too low";
}

TEST(Search, HasNothingToProposeWhenAllIsMeasuredAndNothingToGoByWhenNothingIs) {
  EXPECT_TRUE(promises({candidate(1, 0, {0.9, 100})}, 0.8, known_models(0.01)).empty());
  EXPECT_THROW(promises({candidate(1, 0)}, 0.8, known_models(0.01)), DataError);
}

}  // namespace
}  // namespace prumux::prediction

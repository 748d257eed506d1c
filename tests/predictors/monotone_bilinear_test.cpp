#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "bilinear.h"
#include "bilinear_support.h"
#include "isotonic.h"
#include "prumux/error.h"

namespace prumux::predictors {
namespace {

using ::testing::HasSubstr;

Table ones(std::size_t rows, std::size_t columns) {
  return Table(rows, std::vector<double>(columns, 1.0));
}

void expect_near(const Table& actual, const Table& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    for (std::size_t j = 0; j < actual[i].size(); ++j) {
      EXPECT_NEAR(actual[i][j], expected[i][j], 1e-9) << i << ", " << j;
    }
  }
}

TEST(NearestFalling, PoolsWhatViolatesTheOrder) {
  expect_near(nearest_falling({{4, 3}, {2, 1}}, ones(2, 2)), {{4, 3}, {2, 1}});
  expect_near(nearest_falling({{1, 2}, {3, 4}}, ones(2, 2)), {{2.5, 2.5}, {2.5, 2.5}});
  // 6 is above both of its predecessors: the three become their mean.
  expect_near(nearest_falling({{5, 4}, {3, 6}}, ones(2, 2)), {{5, 13 / 3.0}, {13 / 3.0, 13 / 3.0}});
  // Of two in a row, one that counts three times as much moves a third as far.
  expect_near(nearest_falling({{1, 5}}, {{3, 1}}), {{2, 2}});
}

/// x is the projection of y onto a cone C exactly when <y - x, x> = 0 and <y - x, z> <= 0 in C.
TEST(NearestFalling, IsTheProjection) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> weight(0.1, 2.0);
  for (int round = 0; round < 200; ++round) {
    const std::size_t rows = 1 + random() % 5;
    const std::size_t columns = 1 + random() % 6;
    Table y = ones(rows, columns);
    Table weights = y;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        y[i][j] = normal(random);
        weights[i][j] = weight(random);
      }
    }
    const Table x = nearest_falling(y, weights);
    const auto product = [&](const auto& z) {
      double sum = 0.0;
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
          sum += weights[i][j] * (y[i][j] - x[i][j]) * z(i, j);
        }
      }
      return sum;
    };
    EXPECT_NEAR(product([&](auto i, auto j) { return x[i][j]; }), 0.0, 1e-6);
    for (std::size_t a = 0; a <= rows; ++a) {
      for (std::size_t b = 0; b <= columns; ++b) {
        const auto corner = [&](auto i, auto j) { return i < a && j < b ? 1.0 : 0.0; };
        EXPECT_LE(product(corner), 1e-6) << round;
      }
    }
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        EXPECT_LE(x[i][j], (i > 0 ? x[i - 1][j] : HUGE_VAL) + 1e-9);
        EXPECT_LE(x[i][j], (j > 0 ? x[i][j - 1] : HUGE_VAL) + 1e-9);
      }
    }
  }
}

MonotoneBilinear monotone(const std::vector<Observation>& observations,
                          Quantity quantity = Quantity::accuracy) {
  MonotoneBilinear model(arguments(quantity));
  model.fit(observations);
  return model;
}

TEST(MonotoneBilinear, IsBilinearWhereNothingContradicts) {
  const std::vector<Observation> observations = {
      {at(2, 0.6), 0.90}, {at(5, 0.6), 0.84}, {at(2, 0.8), 0.86}, {at(5, 0.8), 0.72}};
  for (const auto& [n, s] : {std::pair(2.0, 0.6), std::pair(3.0, 0.7), std::pair(7.0, 0.8)}) {
    EXPECT_NEAR(monotone(observations).predict(at(n, s)).value,
                fitted(observations).predict(at(n, s)).value, 1e-9);
  }
}

TEST(MonotoneBilinear, AveragesMeasurementsThatContradictEachOther) {
  const auto model = monotone({{at(2, 0.6), 0.80}, {at(2, 0.8), 0.84}, {at(2, 0.9), 0.70}});
  EXPECT_NEAR(model.predict(at(2, 0.6)).value, 0.82, 1e-9);
  EXPECT_NEAR(model.predict(at(2, 0.7)).value, 0.82, 1e-9);
  EXPECT_NEAR(model.predict(at(2, 0.85)).value, 0.76, 1e-9);
  EXPECT_EQ(model.predict(at(2, 0.6)).source, "interpolated");
}

TEST(MonotoneBilinear, ThroughputNeverFalls) {
  const auto model = monotone({{at(2, 0.6), 400}, {at(2, 0.8), 100}}, Quantity::throughput);
  EXPECT_NEAR(model.predict(at(2, 0.7)).value, 200, 1e-6);  // The geometric mean.
}

TEST(MonotoneBilinear, IsSavedUnderItsOwnName) {
  const auto model = monotone({{at(2, 0.6), 0.8}, {at(2, 0.8), 0.9}});
  MonotoneBilinear loaded(arguments());
  loaded.load(model.save());
  EXPECT_NEAR(loaded.predict(at(2, 0.7)).value, 0.85, 1e-9);
  Bilinear other(arguments());
  try {
    other.load(model.save());
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("has the format 'prumux bilinear 1', found "
                                          "\"prumux monotone_bilinear 1\""));
  }
}

}  // namespace
}  // namespace prumux::predictors

#include "least_squares.h"

#include <gtest/gtest.h>

namespace prumux::predictors {
namespace {

TEST(LeastSquares, FitsTheLineOfTheNormalEquations) {
  // x = 0, 1, 2, y = 1, 2, 4: slope 3/2, intercept 5/6.
  const auto line = least_squares({{1, 1, 1}, {0, 1, 2}}, {1, 2, 4});
  ASSERT_TRUE(line.has_value());
  EXPECT_NEAR((*line)[0], 5.0 / 6.0, 1e-14);
  EXPECT_NEAR((*line)[1], 1.5, 1e-14);
}

TEST(LeastSquares, HasNoAnswerForDependentColumns) {
  EXPECT_FALSE(least_squares({{1, 1, 1}, {2, 2, 2}}, {1, 2, 3}).has_value());
  EXPECT_FALSE(least_squares({{1, 2, 3}, {1, 1, 1}, {3, 4, 5}}, {1, 2, 3}).has_value());
  EXPECT_FALSE(least_squares({{0, 0}}, {1, 2}).has_value());
}

}  // namespace
}  // namespace prumux::predictors

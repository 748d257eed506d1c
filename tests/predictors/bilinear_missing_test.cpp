#include <gtest/gtest.h>

#include "bilinear.h"
#include "bilinear_support.h"

namespace prumux::predictors {
namespace {

void expect_prediction(const Bilinear& model, double instances, double sparsity, double value,
                       bool extrapolated) {
  const Prediction prediction = model.predict(at(instances, sparsity));
  EXPECT_NEAR(prediction.value, value, 1e-12) << instances << ", " << sparsity;
  EXPECT_EQ(prediction.extrapolated, extrapolated) << instances << ", " << sparsity;
}

TEST(BilinearMissingCorner, IsInterpolatedAlongTheSparsity) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90},
                                 {at(2, 0.7), 0.89},
                                 {at(2, 0.9), 0.85},
                                 {at(5, 0.6), 0.84},
                                 {at(5, 0.9), 0.66}});
  expect_prediction(model, 5, 0.7, 0.78, false);
  // Half way between that line and the measured 0.89, which is kept.
  expect_prediction(model, 3.5, 0.7, 0.835, false);
}

TEST(BilinearMissingCorner, AtTheEndOfTheSparsitiesContinuesTheNeighbouringCell) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90},
                                 {at(2, 0.7), 0.88},
                                 {at(2, 0.8), 0.70},
                                 {at(5, 0.6), 0.84},
                                 {at(5, 0.7), 0.80}});
  expect_prediction(model, 5, 0.8, 0.76, true);
  expect_prediction(model, 3.5, 0.8, 0.73, true);
  expect_prediction(model, 2, 0.75, 0.79, false);
  expect_prediction(model, 3.5, 0.65, 0.855, false);
}

TEST(BilinearMissingCorner, OfASingleMeasurementIsInterpolatedAlongTheInstances) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90},
                                 {at(2, 0.8), 0.86},
                                 {at(5, 0.6), 0.85},
                                 {at(10, 0.6), 0.74},
                                 {at(10, 0.8), 0.54}});
  // 3/8 of the way from 0.86 to 0.54.
  expect_prediction(model, 5, 0.8, 0.74, false);
  expect_prediction(model, 5, 0.7, 0.795, false);
}

TEST(BilinearMissingCorner, OfASingleMeasurementAtTheEndTakesTheSlopeOfTheNextLine) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90}, {at(2, 0.8), 0.86}, {at(5, 0.6), 0.84}});
  expect_prediction(model, 5, 0.8, 0.80, true);
  expect_prediction(model, 3.5, 0.7, 0.85, true);
  const Bilinear below = fitted({{at(2, 0.8), 0.88}, {at(5, 0.6), 0.84}, {at(5, 0.8), 0.70}});
  expect_prediction(below, 2, 0.6, 1.0, true);
}

TEST(BilinearMissingCorner, OfScatteredPointsLiesOnTheirPlane) {
  // 1.1 - 0.01 N - 0.3 s
  const Bilinear model = fitted({{at(2, 0.6), 0.90}, {at(5, 0.8), 0.81}, {at(10, 0.7), 0.79}});
  expect_prediction(model, 5, 0.7, 0.84, true);
  expect_prediction(model, 10, 0.8, 0.76, true);
}

TEST(BilinearMissingCorner, OfPointsOnADiagonalDependsOnTheSparsityOnly) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90}, {at(5, 0.8), 0.80}});
  expect_prediction(model, 2, 0.8, 0.80, true);
  expect_prediction(model, 3.5, 0.7, 0.85, true);
}

}  // namespace
}  // namespace prumux::predictors

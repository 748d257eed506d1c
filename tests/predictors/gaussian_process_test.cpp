#include "gaussian_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bilinear_support.h"
#include "prumux/error.h"
#include "tests/support/error_of.h"

namespace prumux::predictors {
namespace {

using ::testing::HasSubstr;

PerformanceModelArguments process_arguments(Quantity quantity, double length = 0.0,
                                            double noise = 0.0) {
  PerformanceModelArguments result;
  result.quantity = quantity;
  result.parameters.set("length_scale", length);
  result.parameters.set("noise", noise);
  return result;
}

GaussianProcess process(const std::vector<Observation>& observations,
                        Quantity quantity = Quantity::accuracy, double length = 0.0,
                        double noise = 0.0) {
  GaussianProcess model(process_arguments(quantity, length, noise));
  model.fit(observations);
  return model;
}

const std::vector<Observation> kLine = {{{{"instances", 1}}, 0.90},
                                        {{{"instances", 2}}, 0.88},
                                        {{{"instances", 4}}, 0.83},
                                        {{{"instances", 8}}, 0.70}};

/// Expected: the formulas of Rasmussen and Williams (2.41) and (2.42) with the inverses written
/// out, in numpy; the variance is the sum of squares by the degrees of freedom that the trend
/// leaves.
TEST(GaussianProcess, GivesThePosteriorOfTheTextbook) {
  const GaussianProcess model = process(kLine, Quantity::accuracy, 0.5, 0.2);
  const Prediction inside = model.predict({{"instances", 3}});
  EXPECT_NEAR(inside.value, 0.8571421818118858, 1e-12);
  EXPECT_NEAR(inside.uncertainty.value_or(0), 0.013837962353323232, 1e-12);
  EXPECT_FALSE(inside.extrapolated);
  EXPECT_EQ(inside.source, "interpolated");
  const Prediction outside = model.predict({{"instances", 16}});
  EXPECT_NEAR(outside.value, 0.6131831148867272, 1e-12);
  EXPECT_NEAR(outside.uncertainty.value_or(0), 0.06034477977303154, 1e-12);
  EXPECT_TRUE(outside.extrapolated);
}

TEST(GaussianProcess, ModelsThroughputsByTheirLogarithms) {
  const GaussianProcess model = process(
      {{at(1, 0), 100}, {at(1, 0.5), 190}, {at(2, 0), 190}, {at(2, 0.5), 350}, {at(4, 0.75), 1300}},
      Quantity::throughput, 2.0, 0.1);
  const Prediction prediction = model.predict(at(3, 0.6));
  EXPECT_NEAR(prediction.value, 634.791726858193, 1e-8);
  EXPECT_NEAR(prediction.uncertainty.value_or(0), 8.087319450786511, 1e-8);
}

TEST(GaussianProcess, FindsALawThatItsTrendHolds) {
  std::vector<Observation> observations;
  for (const double n : {1.0, 2.0, 5.0, 10.0}) {
    for (const double s : {0.0, 0.6, 0.8, 0.95}) {
      observations.push_back({at(n, s), 100 * std::pow(n, 0.9) / std::pow(1 - s, 0.7)});
    }
  }
  const GaussianProcess model = process(observations, Quantity::throughput);
  const double expected = 100 * std::pow(3, 0.9) / std::pow(0.3, 0.7);
  EXPECT_NEAR(model.predict(at(3, 0.7)).value, expected, 0.01 * expected);
}

TEST(GaussianProcess, KeepsTheSlopesOfItsDimensionsBesideOneThatDoesNotVary) {
  std::vector<Observation> observations;
  for (const double s : {0.0, 0.5, 0.6, 0.8, 0.9}) {
    observations.push_back({at(1, s), 0.9 + 0.05 * std::log(1 - s)});
  }
  const double expected = 0.9 + 0.05 * std::log(1 - 0.98);
  EXPECT_NEAR(process(observations).predict(at(1, 0.98)).value, expected, 1e-6);
}

TEST(GaussianProcess, IsLessCertainFarFromItsMeasurements) {
  const GaussianProcess model = process(kLine, Quantity::accuracy, 0.3, 0.1);
  const auto uncertainty = [&](double n) {
    return model.predict({{"instances", n}}).uncertainty.value_or(0);
  };
  EXPECT_LT(uncertainty(2), uncertainty(2.9));
  EXPECT_LT(uncertainty(2.9), uncertainty(100));
}

TEST(GaussianProcess, LearnsFromASingleMeasurement) {
  const GaussianProcess model = process({{at(2, 0.6), 0.9}});
  EXPECT_NEAR(model.predict(at(2, 0.6)).value, 0.9, 1e-6);
  EXPECT_TRUE(model.predict(at(3, 0.6)).extrapolated);
}

TEST(GaussianProcess, SurvivesSavingAndLoading) {
  const GaussianProcess model = process(kLine);
  GaussianProcess loaded(process_arguments(Quantity::accuracy));
  loaded.load(model.save());
  EXPECT_EQ(loaded.predict({{"instances", 3}}).value, model.predict({{"instances", 3}}).value);
  GaussianProcess other(process_arguments(Quantity::throughput));
  EXPECT_THAT(test::error_of<DataError>([&] { other.load(model.save()); }),
              HasSubstr("expected a saved gaussian_process model of the throughput"));
  EXPECT_THAT(test::error_of<DataError>([&] { other.load("{"); }),
              HasSubstr("this is not a saved"));
}

TEST(GaussianProcess, RefusesWhatItCannotUse) {
  EXPECT_THAT(test::error_of<DataError>([] { process({}); }),
              HasSubstr("needs at least one observation"));
  EXPECT_THAT(test::error_of<DataError>([] {
                process({{at(2, 0.5), 1.2}});
              }),
              HasSubstr("observed at instances 2, sparsity 0.5 is 1.2; expected a number in"));
  EXPECT_THAT(test::error_of<DataError>([] {
                process({{at(2, 1.0), 0.5}});
              }),
              HasSubstr("number for 'sparsity'"));
  EXPECT_THAT(test::error_of<DataError>([] {
                process({{at(2, 0.5), 0.5}, {{{"instances", 2}}, 0.5}});
              }),
              HasSubstr("number for 'sparsity'"));
  EXPECT_THAT(test::error_of<DataError>([] { process(kLine).predict(at(2, 0.5)); }),
              HasSubstr("was fitted with 1 dimensions"));
  EXPECT_THAT(test::error_of<DataError>([] {
                process(kLine).predict({{"sparsity", 0.5}});
              }),
              HasSubstr("fitted with the dimension 'instances'"));
  EXPECT_THAT(test::error_of<DataError>([] {
                GaussianProcess(process_arguments(Quantity::accuracy)).predict(at(2, 0.5));
              }),
              HasSubstr("before it is fitted"));
}

}  // namespace
}  // namespace prumux::predictors

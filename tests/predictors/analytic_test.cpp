#include "analytic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bilinear_support.h"
#include "encoder_work.h"
#include "prumux/error.h"
#include "tests/support/error_of.h"

namespace prumux::predictors {
namespace {

using ::testing::HasSubstr;

PerformanceModelArguments analytic_arguments(Quantity quantity = Quantity::throughput) {
  PerformanceModelArguments result;
  result.quantity = quantity;
  for (const auto& [name, value] :
       {std::pair("layers", 2), std::pair("hidden", 8), std::pair("heads", 2),
        std::pair("intermediate", 16), std::pair("groups", 4)}) {
    result.parameters.set(name, std::int64_t{value});
  }
  result.parameters.set("length", 10.0);
  result.parameters.set("prefix", 0.0);
  return result;
}

EncoderSizes sizes() {
  EncoderSizes dense;
  dense.layers = 2;
  dense.hidden = 8;
  dense.heads = 2;
  dense.head_size = 4;
  dense.intermediate = 16;
  dense.length = 10;
  dense.groups = 4;
  return dense;
}

Analytic analytic(const std::vector<Observation>& observations) {
  Analytic model(analytic_arguments());
  model.fit(observations);
  return model;
}

TEST(EncoderWork, CountsTheMatrixProducts) {
  // A layer has 4*8*8 + 2*8*16 = 512 weights, two operations each for 10 tokens; Q K^T and its use
  // take 2 * 2 * 10 * 10 * 4 for each of 2 heads.
  const EncoderWork work = EncoderWork::of(sizes());
  EXPECT_EQ(work.operations, 2 * (2 * 512 * 10 + 2 * 1600));
  EXPECT_EQ(work.passes, 0.25);
  // Activations of 10 tokens: 8 * 8 + 4 * 16 + 10 * 8 numbers, and 4 for each of 200 scores.
  EXPECT_EQ(work.bytes, 4 * 2 * (10 * (64 + 64 + 80) + 4 * 200 + 512 / 4));
}

TEST(EncoderWork, IsSharedBetweenInstancesAndShrinksWithSparsity) {
  const EncoderWork dense = EncoderWork::of(sizes());
  const EncoderWork half = EncoderWork::of(EncoderSizes::of(at(1, 0.5), sizes()));
  EXPECT_EQ(half.operations, dense.operations / 2);
  const EncoderWork shared = EncoderWork::of(EncoderSizes::of(at(5, 0.0), sizes()));
  EXPECT_EQ(shared.operations, dense.operations / 5);
  EncoderSizes with_prefix = sizes();
  with_prefix.prefix = 1;
  EXPECT_GT(EncoderWork::of(EncoderSizes::of(at(5, 0.0), with_prefix)).operations,
            shared.operations * 1.4);
}

TEST(Analytic, FindsTheCostsThatMadeTheMeasurements) {
  // 3 ns an operation, 0.2 ms a text.
  const auto throughput = [](const Configuration& configuration) {
    const EncoderWork work = EncoderWork::of(EncoderSizes::of(configuration, sizes()));
    return 1.0 / (3e-9 * work.operations + 2e-4);
  };
  std::vector<Observation> observations;
  for (const double n : {1.0, 2.0}) {
    for (const double s : {0.0, 0.5}) observations.push_back({at(n, s), throughput(at(n, s))});
  }
  const Analytic model = analytic(observations);
  const Prediction far = model.predict(at(10, 0.95));
  EXPECT_NEAR(far.value, throughput(at(10, 0.95)), 1e-4 * far.value);
  EXPECT_TRUE(far.extrapolated);
  EXPECT_EQ(far.source, "analytic");
  EXPECT_FALSE(model.predict(at(2, 0.3)).extrapolated);
  EXPECT_NEAR(model.predict(at(2, 0.3)).uncertainty.value_or(1), 0, 1e-3);
  // A structure that no cell has: one layer of one head.
  const Configuration thin = {{"instances", 2}, {"layers", 1}, {"heads", 1}, {"intermediate", 4}};
  EXPECT_NEAR(model.predict(thin).value, throughput(thin), 1e-4 * throughput(thin));
}

TEST(Analytic, GetsASpeedOfOperationsFromASingleCell) {
  const Analytic model = analytic({{at(1, 0.0), 1000.0}});
  EXPECT_NEAR(model.predict(at(1, 0.0)).value, 1000.0, 1e-6);
  EXPECT_NEAR(model.predict(at(2, 0.0)).value, 2000.0, 1e-6);
  EXPECT_NEAR(model.predict(at(1, 0.5)).value, 2000.0, 1e-6);
  EXPECT_FALSE(model.predict(at(1, 0.5)).uncertainty.has_value());
}

TEST(Analytic, NeverFindsANegativeCost) {
  // Slower with more instances: no law of this form, but the nearest is still one.
  const Analytic model = analytic({{at(1, 0.0), 1000.0}, {at(2, 0.0), 900.0}, {at(4, 0.0), 800.0}});
  EXPECT_GT(model.predict(at(8, 0.9)).value, 0.0);
  for (const auto& [name, seconds] :
       nlohmann::json::parse(model.save()).at("seconds_of_a").items()) {
    EXPECT_GE(seconds.get<double>(), 0.0) << name;
  }
}

TEST(Analytic, PredictsAccuraciesAsBilinearDoes) {
  Analytic model(analytic_arguments(Quantity::accuracy));
  const std::vector<Observation> observations = {{at(2, 0.6), 0.90}, {at(2, 0.8), 0.86}};
  model.fit(observations);
  EXPECT_EQ(model.predict(at(2, 0.7)).value, fitted(observations).predict(at(2, 0.7)).value);
  Analytic loaded(analytic_arguments(Quantity::accuracy));
  loaded.load(model.save());
  EXPECT_EQ(loaded.predict(at(2, 0.7)).value, model.predict(at(2, 0.7)).value);
}

TEST(Analytic, SurvivesSavingAndLoading) {
  const Analytic model = analytic({{at(1, 0.0), 1000.0}, {at(4, 0.5), 4000.0}});
  Analytic loaded(analytic_arguments());
  loaded.load(model.save());
  EXPECT_EQ(loaded.predict(at(3, 0.7)).value, model.predict(at(3, 0.7)).value);
  EXPECT_THAT(test::error_of<DataError>([&] { loaded.load("[]"); }),
              HasSubstr("this is not a saved analytic"));
}

TEST(Analytic, RefusesWhatItCannotUse) {
  EXPECT_THAT(test::error_of<DataError>([] { analytic({}); }),
              HasSubstr("needs at least one observation"));
  EXPECT_THAT(test::error_of<DataError>([] {
                analytic({{at(1, 0.5), 0.0}});
              }),
              HasSubstr("a number above 0"));
  EXPECT_THAT(test::error_of<DataError>([] {
                analytic({{{{"depth", 1}}, 10.0}});
              }),
              HasSubstr("layers, heads, intermediate, hidden and length, found 'depth'"));
  EXPECT_THAT(test::error_of<DataError>([] {
                analytic({{at(1, 1.0), 10.0}});
              }),
              HasSubstr("found sparsity 1 in the configuration instances 1, sparsity 1; expected a "
                        "share in [0, 1)"));
  EXPECT_THAT(test::error_of<DataError>([] {
                analytic({{{{"hidden", 0}}, 10.0}});
              }),
              HasSubstr("expected a number above 0"));
  EXPECT_THAT(test::error_of<DataError>([] { Analytic(analytic_arguments()).predict(at(1, 0)); }),
              HasSubstr("before it is fitted"));
}

}  // namespace
}  // namespace prumux::predictors

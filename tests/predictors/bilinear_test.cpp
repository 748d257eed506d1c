#include "bilinear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "bilinear_support.h"
#include "prumux/error.h"

namespace prumux::predictors {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::vector<Observation> kOneCell = {
    {at(2, 0.6), 0.90}, {at(5, 0.6), 0.84}, {at(2, 0.8), 0.86}, {at(5, 0.8), 0.72}};

TEST(Bilinear, InterpolatesTheFourCornersOfACell) {
  // u = 1/3, v = 1/2: 1/3 0.90 + 1/6 0.84 + 1/3 0.86 + 1/6 0.72.
  const Prediction prediction = fitted(kOneCell).predict(at(3, 0.7));
  EXPECT_NEAR(prediction.value, 0.30 + 0.14 + 0.86 / 3 + 0.12, 1e-12);
  EXPECT_FALSE(prediction.extrapolated);
  EXPECT_EQ(prediction.source, "interpolated");
  EXPECT_FALSE(prediction.uncertainty.has_value());
}

TEST(Bilinear, ReportsTheCoefficientsOfACell) {
  // By hand: A = 0.90 + 0.06 N + s / 15 - 2/15 N s.
  const auto cells = nlohmann::json::parse(fitted(kOneCell).save()).at("cells");
  ASSERT_EQ(cells.size(), 1u);
  EXPECT_NEAR(cells[0].at("k00").get<double>(), 0.90, 1e-12);
  EXPECT_NEAR(cells[0].at("k10").get<double>(), 0.06, 1e-12);
  EXPECT_NEAR(cells[0].at("k01").get<double>(), 1.0 / 15.0, 1e-12);
  EXPECT_NEAR(cells[0].at("k11").get<double>(), -2.0 / 15.0, 1e-12);
}

TEST(Bilinear, ReturnsMeasuredValuesExactly) {
  const Bilinear model =
      fitted({{at(2, 0.6), 1234.5678901}, {at(5, 0.6), 77.7}}, Quantity::throughput);
  const Prediction prediction = model.predict(at(2, 0.6));
  EXPECT_EQ(prediction.value, 1234.5678901);
  EXPECT_EQ(prediction.source, "measured");
  EXPECT_FALSE(prediction.extrapolated);
}

TEST(Bilinear, AveragesRepeatedMeasurements) {
  const Bilinear model = fitted({{at(2, 0.6), 0.90}, {at(2, 0.6), 0.92}, {at(2, 0.8), 0.81}});
  EXPECT_NEAR(model.predict(at(2, 0.6)).value, 0.91, 1e-15);
  EXPECT_NEAR(model.predict(at(2, 0.7)).value, 0.86, 1e-12);
}

TEST(Bilinear, BothCellsAgreeOnTheirBorder) {
  std::vector<Observation> observations = kOneCell;
  observations.push_back({at(10, 0.6), 0.70});
  observations.push_back({at(10, 0.8), 0.20});
  const Bilinear model = fitted(observations);
  // On N = 5 the surface is the line from 0.84 to 0.72, whatever lies at 2 and 10.
  EXPECT_NEAR(model.predict(at(5, 0.65)).value, 0.81, 1e-12);
  EXPECT_NEAR(model.predict(at(std::nextafter(5.0, 4.0), 0.65)).value, 0.81, 1e-12);
  EXPECT_NEAR(model.predict(at(std::nextafter(5.0, 6.0), 0.65)).value, 0.81, 1e-12);
}

TEST(Bilinear, ExtrapolatesTheNearestCellOutsideAndSaysSo) {
  // On s = 0.8: 0.86 + (8 - 2) (0.72 - 0.86) / 3.
  const Prediction prediction = fitted(kOneCell).predict(at(8, 0.8));
  EXPECT_NEAR(prediction.value, 0.58, 1e-12);
  EXPECT_TRUE(prediction.extrapolated);
  EXPECT_EQ(prediction.source, "extrapolated");
}

TEST(Bilinear, ClampsToTheNearestPointInsideWhenAsked) {
  const Bilinear model = fitted(kOneCell, Quantity::accuracy, "clamp");
  const Prediction corner = model.predict(at(8, 0.9));
  EXPECT_NEAR(corner.value, 0.72, 1e-12);
  EXPECT_TRUE(corner.extrapolated);
  EXPECT_NEAR(model.predict(at(1, 0.7)).value, 0.88, 1e-12);
  EXPECT_FALSE(model.predict(at(3, 0.7)).extrapolated);
}

TEST(Bilinear, PredictsNoAccuracyOutsideOfZeroToOne) {
  const Bilinear model = fitted({{at(2, 0.6), 0.9}, {at(2, 0.8), 0.5}});
  EXPECT_EQ(model.predict(at(2, 0.0)).value, 1.0);
  const Bilinear steep = fitted({{at(2, 0.6), 0.9}, {at(2, 0.7), 0.3}});
  EXPECT_EQ(steep.predict(at(2, 0.9)).value, 0.0);
}

TEST(Bilinear, InterpolatesTheLogarithmOfTheThroughput) {
  const Bilinear model = fitted({{at(2, 0.6), 100.0}, {at(2, 0.8), 400.0}}, Quantity::throughput);
  EXPECT_NEAR(model.predict(at(2, 0.7)).value, 200.0, 1e-9);
  EXPECT_NEAR(model.predict(at(2, 0.9)).value, 800.0, 1e-9);
}

TEST(Bilinear, IsALineWhenTheGridHasOneInstancesValue) {
  const Bilinear model = fitted({{at(1, 0.0), 0.93}, {at(1, 0.6), 0.90}, {at(1, 0.9), 0.78}});
  EXPECT_NEAR(model.predict(at(1, 0.3)).value, 0.915, 1e-12);
  EXPECT_NEAR(model.predict(at(1, 0.7)).value, 0.86, 1e-12);
  EXPECT_FALSE(model.predict(at(1, 0.7)).extrapolated);
  EXPECT_TRUE(model.predict(at(1, 0.95)).extrapolated);
  const Prediction elsewhere = model.predict(at(2, 0.7));
  EXPECT_NEAR(elsewhere.value, 0.86, 1e-12);
  EXPECT_TRUE(elsewhere.extrapolated);
}

TEST(Bilinear, IsALineWhenTheGridHasOneSparsity) {
  const Bilinear model = fitted({{at(1, 0.0), 0.93}, {at(5, 0.0), 0.85}});
  EXPECT_NEAR(model.predict(at(2, 0.0)).value, 0.91, 1e-12);
  EXPECT_FALSE(model.predict(at(2, 0.0)).extrapolated);
}

TEST(Bilinear, IsConstantWhenThereIsOneObservation) {
  const Bilinear model = fitted({{at(2, 0.6), 0.9}});
  EXPECT_EQ(model.predict(at(2, 0.6)).value, 0.9);
  EXPECT_NEAR(model.predict(at(7, 0.1)).value, 0.9, 1e-15);
  EXPECT_TRUE(model.predict(at(7, 0.1)).extrapolated);
}

TEST(Bilinear, IsTheSameAfterSaveAndLoad) {
  const Bilinear model = fitted(kOneCell, Quantity::accuracy, "clamp");
  Bilinear loaded(arguments());
  loaded.load(model.save());
  for (const auto& [n, s] : {std::pair{3.0, 0.7}, {2.0, 0.6}, {9.0, 0.95}, {1.0, 0.0}}) {
    EXPECT_EQ(loaded.predict(at(n, s)).value, model.predict(at(n, s)).value);
    EXPECT_EQ(loaded.predict(at(n, s)).source, model.predict(at(n, s)).source);
  }
  EXPECT_EQ(loaded.save(), model.save());
}

TEST(Bilinear, RefusesToLoadAnythingElse) {
  Bilinear model(arguments());
  EXPECT_THAT([&] { model.load("{"); },
              ThrowsMessage<DataError>(HasSubstr("not a saved bilinear model")));
  EXPECT_THAT([&] { model.load("[]"); },
              ThrowsMessage<DataError>(HasSubstr("not a saved bilinear model")));
  EXPECT_THAT([&] { model.load(R"({"format": "other"})"); },
              ThrowsMessage<DataError>(HasSubstr("has the format 'prumux bilinear 1'")));
  const std::string throughput = fitted({{at(2, 0.6), 9.0}}, Quantity::throughput).save();
  EXPECT_THAT([&] { model.load(throughput); },
              ThrowsMessage<DataError>(HasSubstr("of the accuracy, found one of \"throughput\"")));
}

TEST(Bilinear, KeepsItsFitWhenANewOneFails) {
  Bilinear model = fitted(kOneCell);
  EXPECT_THROW(model.fit({{at(2, 0.6), 0.5}, {at(2, 0.7), 2.0}}), DataError);
  EXPECT_EQ(model.predict(at(2, 0.6)).value, 0.90);
}

TEST(Bilinear, RefusesObservationsThatAreNoMeasurements) {
  Bilinear accuracy(arguments());
  EXPECT_THAT([&] { accuracy.fit({}); },
              ThrowsMessage<DataError>(HasSubstr("needs at least one observation")));
  EXPECT_THAT(
      [&] {
        accuracy.fit({{at(2, 0.6), 93.1}});
      },
      ThrowsMessage<DataError>("the accuracy observed at instances 2, sparsity 0.6 is "
                               "93.1; expected a number in [0, 1]"));
  EXPECT_THROW(accuracy.fit({{at(2, 0.6), NAN}}), DataError);
  Bilinear throughput(arguments(Quantity::throughput));
  EXPECT_THAT(
      [&] {
        throughput.fit({{at(2, 0.6), 0.0}});
      },
      ThrowsMessage<DataError>(HasSubstr("expected a number above 0")));
  EXPECT_THROW(throughput.fit({{at(2, 0.6), INFINITY}}), DataError);
}

TEST(Bilinear, RefusesOtherDimensions) {
  const Bilinear model = fitted(kOneCell);
  EXPECT_THAT(
      [&] {
        model.predict({{"instances", 2.0}});
      },
      ThrowsMessage<DataError>(HasSubstr("needs the dimension 'sparsity'")));
  EXPECT_THAT(
      [&] {
        model.predict({{"instances", 2}, {"sparsity", 0.6}, {"bits", 8}});
      },
      ThrowsMessage<DataError>(HasSubstr("found 'bits'")));
  EXPECT_THAT([&] { model.predict(at(NAN, 0.6)); },
              ThrowsMessage<DataError>(HasSubstr("needs a finite 'instances'")));
}

TEST(Bilinear, PredictsNothingBeforeItIsFitted) {
  EXPECT_THAT([] { Bilinear(arguments()).predict(at(2, 0.6)); },
              ThrowsMessage<DataError>(HasSubstr("before it is fitted")));
}

}  // namespace
}  // namespace prumux::predictors

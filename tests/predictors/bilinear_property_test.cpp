#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bilinear.h"
#include "bilinear_support.h"

namespace prumux::predictors {
namespace {

constexpr int kRounds = 200;

class BilinearProperty : public ::testing::Test {
 protected:
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }

  bool coin(double probability) { return uniform(0.0, 1.0) < probability; }

  /// `count` increasing numbers whose neighbours differ by `step` to 2 `step`.
  std::vector<double> axis(double first, double step, int count) {
    std::vector<double> values = {first};
    while (static_cast<int>(values.size()) < count) {
      values.push_back(values.back() + uniform(step, 2.0 * step));
    }
    return values;
  }

  std::mt19937_64 random_{20230605};
};

TEST_F(BilinearProperty, GlobalBilinearSurfacesAreReproducedFromAnyTwoMeasurementsPerLine) {
  for (int round = 0; round < kRounds; ++round) {
    const double b = uniform(-0.02, 0.02);
    const double c = uniform(-0.2, 0.2);
    const double d = uniform(-0.01, 0.01);
    const auto surface = [&](double n, double s) { return 0.5 + b * n + c * s + d * n * s; };
    std::vector<Observation> observations;
    const std::vector<double> sparsities = axis(0.1, 0.05, 6);
    for (const double n : axis(2.0, 1.0, 4)) {
      std::vector<double> kept = sparsities;
      std::ranges::shuffle(kept, random_);
      kept.resize(static_cast<std::size_t>(uniform(2.0, 6.99)));
      for (const double s : kept) observations.push_back({at(n, s), surface(n, s)});
    }
    std::ranges::shuffle(observations, random_);
    const Bilinear model = fitted(observations);
    for (int i = 0; i < 20; ++i) {
      const double n = uniform(1.0, 10.0);
      const double s = uniform(0.0, 0.8);
      EXPECT_NEAR(model.predict(at(n, s)).value, surface(n, s), 1e-9) << "round " << round;
    }
  }
}

TEST_F(BilinearProperty, EachCellIsTheBilinearSurfaceOfItsCorners) {
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<double> instances = axis(1.0, 1.0, 4);
    const std::vector<double> sparsities = axis(0.0, 0.1, 4);
    std::vector<Observation> observations;
    std::vector<std::vector<double>> values(4, std::vector<double>(4));
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        values[i][j] = uniform(0.2, 0.9);
        observations.push_back({at(instances[i], sparsities[j]), values[i][j]});
      }
    }
    const Bilinear model = fitted(observations);
    const auto i = static_cast<std::size_t>(uniform(0.0, 2.99));
    const auto j = static_cast<std::size_t>(uniform(0.0, 2.99));
    const double n = uniform(instances[i], instances[i + 1]);
    const double s = uniform(sparsities[j], sparsities[j + 1]);
    // Areas of the opposite rectangles as weights.
    const double area = (instances[i + 1] - instances[i]) * (sparsities[j + 1] - sparsities[j]);
    const double expected = (values[i][j] * (instances[i + 1] - n) * (sparsities[j + 1] - s) +
                             values[i + 1][j] * (n - instances[i]) * (sparsities[j + 1] - s) +
                             values[i][j + 1] * (instances[i + 1] - n) * (s - sparsities[j]) +
                             values[i + 1][j + 1] * (n - instances[i]) * (s - sparsities[j])) /
                            area;
    const Prediction prediction = model.predict(at(n, s));
    EXPECT_NEAR(prediction.value, expected, 1e-9) << "round " << round;
    EXPECT_FALSE(prediction.extrapolated);
  }
}

TEST_F(BilinearProperty, AnySubsetOfAGridIsReproducedExactlyAndContinuously) {
  for (int round = 0; round < kRounds; ++round) {
    const double kept = uniform(0.1, 1.0);
    const std::vector<double> instances = axis(1.0, 1.0, 4);
    const std::vector<double> sparsities = axis(0.0, 0.1, 5);
    std::vector<Observation> observations = {{at(instances[0], sparsities[0]), 500.0}};
    for (const double n : instances) {
      for (const double s : sparsities) {
        if (coin(kept) && !(n == instances[0] && s == sparsities[0])) {
          observations.push_back({at(n, s), uniform(1.0, 1000.0)});
        }
      }
    }
    const Bilinear model = fitted(observations, Quantity::throughput);
    for (const auto& [configuration, value] : observations) {
      EXPECT_EQ(model.predict(configuration).value, value);
      const double beside = model
                                .predict(at(configuration.at("instances") + 1e-10,
                                            configuration.at("sparsity") - 1e-11))
                                .value;
      EXPECT_NEAR(beside / value, 1.0, 1e-6) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace prumux::predictors

#include "core/runtime/flops.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace prumux::runtime {
namespace {

constexpr std::int64_t kLength = 7;
constexpr double kTokens = kLength;
// Of the models in tests/data/golden.
constexpr double kWidth = 32.0;
constexpr double kIntermediate = 64.0;
constexpr double kLabels = 3.0;

double flops_of(const std::string& name) {
  const std::filesystem::path golden = std::filesystem::path(PRUMUX_TEST_DATA) / "golden";
  return flops_per_example(*model::load_model(golden / name / "model"), kLength);
}

/// A weight [outputs, inputs] applied to so many positions.
double product(double outputs, double inputs, double positions = 1.0) {
  return 2.0 * outputs * inputs * positions;
}

/// A layer of one sequence that computes the first `queries` of its positions.
double layer(double positions, double queries) {
  return product(kWidth, 2.0 * kWidth, positions) + product(kWidth, 2.0 * kWidth, queries) +
         product(kWidth, 2.0 * kIntermediate, queries) + 4.0 * positions * queries * kWidth;
}

TEST(FlopsPerExample, AreThoseThatTheClassifierNeedsOfThreeLayers) {
  const double group = 2.0 * layer(kTokens, kTokens) + layer(kTokens, 1.0);
  const double separation = 2.0 * product(kWidth, kWidth);  // One layer of its own, one for all.
  EXPECT_DOUBLE_EQ(flops_of("seq_gh_mlp_n2"), group / 2.0 + separation + product(kLabels, kWidth));
}

TEST(FlopsPerExample, IncludeTheLayersThatMix) {
  const double in_context = layer(kTokens, kTokens);
  const double over_instances = kTokens * layer(2.0, 2.0) / 2.0;
  EXPECT_DOUBLE_EQ(flops_of("seq_gattnv2_indexpos_n2"),
                   flops_of("seq_gh_indexpos_n2") + in_context + over_instances);
}

}  // namespace
}  // namespace prumux::runtime

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "host.h"
#include "prumux/error.h"
#include "rank_budget.h"
#include "subspace.h"
#include "tests/support/distance.h"

namespace prumux::compressors {
namespace {

using low_rank::is_smaller;
using low_rank::ranks_within;
using low_rank::WeightShape;
using test::distance;
using testing::HasSubstr;

std::shared_ptr<Compressor> low_rank(double target, ParameterTexts parameters = {}) {
  parameters.emplace_back("target_sparsity", std::to_string(target));
  return make_compressor("low_rank", parameters);
}

/// As the host ends a stage.
void shrink(Host& host) {
  host.model().prune(host.compressor().finish());
  host.model().factorise(host.compressor().ranks());
}

double removed(const model::Model& model) {
  double kept = 0.0;
  for (const auto& [name, tensor] : model.checkpoint_parameters()) {
    const bool in_block = name.find("encoder.layer.") != std::string::npos &&
                          name.find("LayerNorm") == std::string::npos;
    if (in_block) kept += static_cast<double>(tensor.numel());
  }
  return 1.0 - kept / static_cast<double>(UnitCosts::of(model.config().encoder).prunable);
}

TEST(RanksWithin, SpendTheBudgetByTheSizeOfTheWeights) {
  // Products of [8, 8] and [8, 24] cost 16 and 32 for each dimension; half of 256 is 128.
  const std::vector<WeightShape> shapes = {{8, 8}, {8, 24}};
  EXPECT_EQ(ranks_within(shapes, 128), (std::vector<std::int64_t>{2, 3}));
  // 16 are left over: the first weight's third dimension, one more than whose share it is.
  EXPECT_EQ(ranks_within(shapes, 144), (std::vector<std::int64_t>{3, 3}));
}

TEST(RanksWithin, LeaveAWeightThatWouldBeNoSmaller) {
  EXPECT_EQ(ranks_within({{8, 8}, {2, 30}}, 124), (std::vector<std::int64_t>{8, 2}));
  EXPECT_EQ(ranks_within({{8, 8}}, 1), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(ranks_within({{8, 8}}, -5), (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(is_smaller({8, 8}, 4));
  EXPECT_TRUE(is_smaller({8, 8}, 3));
}

TEST(Subspace, ProjectionIsTheNearestMatrixOfTheRank) {
  at::manual_seed(2);
  for (const auto& [rows, columns] : {std::pair{12, 5}, std::pair{5, 12}}) {
    const at::Tensor weight = at::randn({rows, columns});
    const at::Tensor projected = low_rank::project(weight, low_rank::leading_subspace(weight, 2));
    const at::Tensor values = at::linalg_svdvals(weight);
    EXPECT_NEAR((weight - projected).square().sum().item<double>(),
                values.slice(0, 2).square().sum().item<double>(), 1e-4);
    EXPECT_LT(at::linalg_svdvals(projected)[2].item<double>(), 1e-5);
  }
}

TEST(Subspace, FollowsAWeightThatChanges) {
  at::manual_seed(3);
  at::Tensor weight = at::randn({9, 4}).matmul(at::randn({4, 20}));
  at::Tensor basis = low_rank::leading_subspace(weight, 4);
  for (int step = 0; step < 50; ++step) {
    weight = low_rank::project(weight + 0.001 * at::randn({9, 20}), basis);
    basis = low_rank::follow_subspace(weight, basis);
  }
  EXPECT_LT(distance(low_rank::project(weight, basis), weight), 1e-4);
  EXPECT_LT(distance(basis.t().matmul(basis), at::eye(4)), 1e-5);
}

TEST(LowRank, ShrinksAModelToWhatItComputesUnderTraining) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    const auto model = make_model(draw(1, 4), draw(1, 4), draw(1, 4) * 2, draw(1, 12), seed);
    const int steps = draw(2, 6);
    Host host(model, low_rank(draw(0, 99) / 100.0, {{"update_every", "1"}}), steps);
    host.steps(steps);
    ASSERT_TRUE(host.compressor().meets_target());
    const StructureMasks masks = host.compressor().evaluation_masks();
    const at::Tensor trained = host.logits(&masks);
    shrink(host);
    ASSERT_LT(distance(host.logits(nullptr), trained), kPruningTolerance) << "seed " << seed;
  }
}

TEST(LowRank, RemovesTheShareThatIsAskedFor) {
  for (const double target : {0.0, 0.3, 0.6, 0.9}) {
    Host host(make_model(6, 4, 8, 128, 5), low_rank(target), 3);
    host.steps(3);
    const double told = host.compressor().metrics().at("sparsity");
    shrink(host);
    EXPECT_NEAR(removed(host.model()), target, 0.005);
    EXPECT_NEAR(removed(host.model()), told, 1e-9);
  }
}

TEST(LowRank, RanksFallFromTheFullOnesOverTheWarmup) {
  Host host(make_model(1, 4, 8, 64, 1), low_rank(0.8, {{"update_every", "2"}}), 20);
  const auto sparsity = [&] { return host.compressor().metrics().at("sparsity"); };
  EXPECT_EQ(sparsity(), 0.0);
  double last = 0.0;
  for (int step = 0; step < 12; ++step) {
    EXPECT_FALSE(host.compressor().meets_target());
    host.step();
    EXPECT_GE(sparsity(), last);
    last = sparsity();
  }
  EXPECT_TRUE(host.compressor().meets_target());
}

TEST(LowRank, ATrainingThatEndsEarlyIsBroughtToItsTarget) {
  Host host(make_model(2, 4, 8, 64, 1), low_rank(0.6), 100);
  host.steps(3);
  EXPECT_FALSE(host.compressor().meets_target());
  shrink(host);
  EXPECT_NEAR(removed(host.model()), 0.6, 0.01);
}

TEST(LowRank, ContinuesBitForBitFromItsState) {
  expect_same_bits_after_restart([] { return low_rank(0.5, {{"update_every", "1"}}); });
}

TEST(LowRank, GoesOnFromALowerTargetInASweep) {
  Host lower(make_model(4, 4, 8, 64, 7), low_rank(0.4), 4);
  lower.steps(4);
  lower.compressor().finish();
  Host higher(make_model(4, 4, 8, 64, 8), low_rank(0.8, {{"update_every", "1"}}), 10);
  higher.load_state(lower.state());
  EXPECT_NEAR(higher.compressor().metrics().at("sparsity"), 0.4, 0.01);
  higher.step();
  EXPECT_LT(higher.compressor().metrics().at("sparsity"), 0.7);
  higher.steps(9);
  EXPECT_NEAR(higher.compressor().metrics().at("sparsity"), 0.8, 0.01);
}

TEST(LowRank, StacksBehindAStructuralMethod) {
  const auto model = make_model(2, 4, 8, 64, 1);
  StructureMasks masks;
  masks.head = at::ones({2, 4});
  masks.head[0].slice(0, 2).zero_();
  masks.mlp = at::tensor({1.0F, 0.0F});
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  const double before = removed(*model);
  ASSERT_GT(before, 0.3);
  Host host(model, low_rank(0.7), 3);
  EXPECT_NEAR(host.compressor().metrics().at("sparsity"), before, 1e-9);
  host.steps(3);
  const at::Tensor trained = host.logits(nullptr);
  shrink(host);
  EXPECT_NEAR(removed(*model), 0.7, 0.01);
  EXPECT_LT(distance(host.logits(nullptr), trained), kPruningTolerance);
}

TEST(LowRank, RefusesWhatItCannotWorkOn) {
  const auto model = make_model(2, 4, 8, 64, 1);
  model->factorise({{"bert.encoder.layer.0.intermediate.dense.weight", 2}});
  EXPECT_THAT(error_of<DataError>([&] { Host(model, low_rank(0.5), 3); }),
              HasSubstr("factorised already"));
  EXPECT_THAT(error_of<PluginError>([] { low_rank(0.5)->finish(); }),
              HasSubstr("before it was attached"));
  Host host(make_model(2, 2, 4, 8, 1), low_rank(0.5), 3);
  TensorMap foreign = host.compressor().state();
  foreign["bert.encoder.layer.0.intermediate.dense.weight.basis"] = at::zeros({3});
  EXPECT_THAT(error_of<DataError>([&] { host.compressor().load_state(foreign); }),
              HasSubstr("does not fit method 'low_rank'"));
}

}  // namespace
}  // namespace prumux::compressors

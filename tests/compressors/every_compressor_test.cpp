#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "host.h"
#include "prumux/error.h"
#include "prumux/structure_scores.h"
#include "tests/support/distance.h"

// What must hold for every compressor: each is driven through its plugin, as the host does it.

namespace prumux::compressors {
namespace {

using test::distance;
using testing::HasSubstr;

struct Case {
  std::string label;
  std::string method;
  ParameterTexts parameters;
  double tolerance = 0.0;  ///< Of the share removed from a model of many small units.
};

std::ostream& operator<<(std::ostream& stream, const Case& value) { return stream << value.label; }

const Case kCases[] = {
    {"cofi", "cofi", {{"learning_rate", "0.3"}, {"warmup_steps", "1"}}, 0.005},
    {"cofi_heads_and_layers",
     "cofi",
     {{"pruning_type", "structured_heads+layer"}, {"distill", "false"}, {"warmup_steps", "1"}},
     0.5},
    {"layer_dropping_top", "layer_dropping", {}, 0.05},
    {"layer_dropping_bottom", "layer_dropping", {{"strategy", "bottom"}}, 0.05},
    {"layer_dropping_alternate", "layer_dropping", {{"strategy", "alternate"}}, 0.05},
    {"layer_dropping_symmetric",
     "layer_dropping",
     {{"strategy", "symmetric"}, {"warmup_steps", "2"}},
     0.05},
    {"magnitude", "magnitude", {}, 0.002},
    {"magnitude_l1_global", "magnitude", {{"norm", "l1"}, {"ranking", "global"}}, 0.002},
    {"magnitude_hidden", "magnitude", {{"prune_hidden", "true"}}, 0.002},
    {"movement", "movement", {{"update_every", "1"}}, 0.002},
    {"movement_hidden", "movement", {{"prune_hidden", "true"}, {"ranking", "balanced"}}, 0.002},
    {"student", "student", {}, 0.02},
    {"taylor", "taylor", {{"update_every", "2"}}, 0.002},
    {"taylor_hidden_alone",
     "taylor",
     {{"prune_hidden", "true"}, {"distillation_weight", "0"}, {"prepruning_steps", "1"}},
     0.002},
};

std::shared_ptr<Compressor> compressor_of(const Case& tested, double target) {
  ParameterTexts parameters = tested.parameters;
  parameters.emplace_back("target_sparsity", std::to_string(target));
  return make_compressor(tested.method, parameters);
}

class EveryCompressor : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Cases, EveryCompressor, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.label; });

TEST_P(EveryCompressor, ShrinksAModelToWhatItsMasksCompute) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    // Down to a layer with a single head and one intermediate dimension, up to sparsity 0.99.
    const auto model = make_model(draw(1, 4), draw(1, 4), draw(1, 4) * 2, draw(1, 12), seed);
    const double target = draw(0, 99) / 100.0;
    Host host(model, compressor_of(GetParam(), target), 4);
    host.steps(draw(1, 5));
    const PrunePlan plan = host.compressor().finish();
    const StructureMasks masks = masks_of(plan, host.encoder());
    const at::Tensor masked = host.logits(&masks);
    if (host.compressor().meets_target()) {
      const StructureMasks evaluated = host.compressor().evaluation_masks();
      ASSERT_LT(distance(host.logits(&evaluated), masked), kPruningTolerance) << "seed " << seed;
    }
    host.model().prune(plan);
    ASSERT_LT(distance(host.logits(nullptr), masked), kPruningTolerance) << "seed " << seed;
  }
}

TEST_P(EveryCompressor, RemovesTheShareThatIsAskedFor) {
  for (const double target : {0.0, 0.3, 0.6, 0.9, 0.95}) {
    Host host(make_model(12, 4, 4, 64, 5), compressor_of(GetParam(), target), 3);
    host.steps(3);
    const StructureMasks masks = masks_of(host.compressor().finish(), host.encoder());
    EXPECT_NEAR(removed_share(masks, host.encoder()), target, GetParam().tolerance);
  }
}

TEST_P(EveryCompressor, ContinuesBitForBitFromItsState) {
  expect_same_bits_after_restart([] { return compressor_of(GetParam(), 0.5); });
}

TEST_P(EveryCompressor, GoesOnFromALowerTargetInASweep) {
  const auto model = make_model(6, 4, 4, 32, 7);
  Host lower(model, compressor_of(GetParam(), 0.4), 6);
  lower.steps(6);
  lower.compressor().finish();
  const TensorMap state = lower.state();

  Host higher(make_model(6, 4, 4, 32, 8), compressor_of(GetParam(), 0.8), 6);
  higher.load_state(state);
  EXPECT_GE(higher.compressor().metrics().at("target_sparsity"), 0.4 - 1e-9);
  higher.steps(6);
  const StructureMasks masks = masks_of(higher.compressor().finish(), higher.encoder());
  EXPECT_NEAR(removed_share(masks, higher.encoder()), 0.8, GetParam().tolerance + 0.01);
}

TEST_P(EveryCompressor, AcceptsSeveralMicroBatchesOfAStep) {
  Host host(make_model(2, 2, 4, 8, 1), compressor_of(GetParam(), 0.5), 4);
  for (int step = 0; step < 4; ++step) host.step(3);
  EXPECT_TRUE(std::isfinite(host.compressor().metrics().at("sparsity")));
}

TEST_P(EveryCompressor, RefusesAModelThatIsPrunedAlready) {
  const auto model = make_model(2, 2, 4, 8, 1);
  StructureMasks masks;
  masks.mlp = at::tensor({1.0F, 0.0F});
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  const auto compressor = compressor_of(GetParam(), 0.5);
  EXPECT_THAT(error_of<DataError>([&] {
                compressor->attach(View(model), {10, 10});
              }),
              HasSubstr(GetParam().method + " prunes dense models"));
}

TEST_P(EveryCompressor, RefusesAStateThatIsNotItsOwn) {
  Host host(make_model(2, 2, 4, 8, 1), compressor_of(GetParam(), 0.5), 4);
  TensorMap state = host.compressor().state();
  state["momentum"] = at::zeros({1});
  EXPECT_THAT(error_of<DataError>([&] { host.compressor().load_state(state); }),
              HasSubstr("does not fit method '" + GetParam().method + "'"));
}

TEST_P(EveryCompressor, MustBeAttachedFirst) {
  const auto compressor = compressor_of(GetParam(), 0.5);
  EXPECT_THAT(error_of<PluginError>([&] { compressor->finish(); }),
              HasSubstr(GetParam().method + " was used before it was attached"));
}

}  // namespace
}  // namespace prumux::compressors

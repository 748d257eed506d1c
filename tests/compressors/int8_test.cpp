#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host.h"
#include "prumux/error.h"
#include "row_quantization.h"

namespace prumux::compressors {
namespace {

using testing::HasSubstr;

std::shared_ptr<Compressor> alone() {
  return make_compressor("int8", {{"distillation_weight", "0"}});
}

/// Whether every row holds whole multiples, at most 127, of one number.
bool is_int8(const at::Tensor& weight) {
  const at::Tensor scale = weight.abs().amax(1, true) / 127.0;
  const at::Tensor steps = weight / scale.clamp_min(1e-30);
  return (steps - steps.round()).abs().max().item<double>() < 1e-3;
}

std::map<std::string, at::Tensor> linear_weights(const model::Model& model) {
  std::map<std::string, at::Tensor> weights;
  for (const auto& [name, tensor] : model.checkpoint_parameters()) {
    if (name.find("encoder.layer.") == std::string::npos || tensor.dim() != 2) continue;
    weights[name] = tensor.detach().clone();
  }
  return weights;
}

TEST(RoundRows, TakesASymmetricScaleForEachRow) {
  const at::Tensor weight =
      at::tensor({1.27F, 0.504F, -0.004F, -254.0F, 3.1F, 0.9F, 0.0F, 0.0F, 0.0F}).view({3, 3});
  const at::Tensor expected =
      at::tensor({1.27F, 0.5F, 0.0F, -254.0F, 4.0F, 0.0F, 0.0F, 0.0F, 0.0F}).view({3, 3});
  EXPECT_TRUE(at::allclose(int8::round_rows(weight), expected, 1e-6, 1e-6));
  EXPECT_EQ(int8::round_rows(at::empty({4, 0})).sizes(), (std::vector<std::int64_t>{4, 0}));
}

TEST(Int8, TheModelHoldsRoundedWeightsAtEveryMoment) {
  Host host(make_model(2, 2, 4, 8, 1), alone(), 5);
  for (int step = 0; step < 5; ++step) {
    const auto weights = linear_weights(host.model());
    ASSERT_EQ(weights.size(), 12U);
    for (const auto& [name, weight] : weights) EXPECT_TRUE(is_int8(weight)) << name;
    host.step(2);
  }
  EXPECT_GT(host.compressor().metrics().at("rounding_error"), 1e-4);
  EXPECT_LT(host.compressor().metrics().at("rounding_error"), 1e-2);
}

/// Straight through: the exact weight takes the step that the gradient at the rounded one gives.
TEST(Int8, SmallStepsAddUp) {
  const auto model = make_model(1, 2, 4, 8, 1);
  const auto before = linear_weights(*model);
  Host host(model, alone(), 3);
  const auto rounded = linear_weights(host.model());
  at::manual_seed(1);
  host.step();
  const TensorMap exact = host.compressor().state();
  const std::string name = before.begin()->first;
  // What plain gradient descent does to the rounded weights.
  const auto copy = make_model(1, 2, 4, 8, 1);
  for (const auto& [key, tensor] : copy->checkpoint_parameters()) {
    const at::NoGradGuard no_gradient;
    if (rounded.contains(key)) at::Tensor(tensor).copy_(rounded.at(key));
  }
  Host plain(
      copy,
      make_compressor("layer_dropping", {{"target_sparsity", "0"}, {"distillation_weight", "0"}}),
      3);
  at::manual_seed(1);
  plain.step();
  const at::Tensor step = linear_weights(plain.model()).at(name) - rounded.at(name);
  EXPECT_GT(step.abs().max().item<double>(), 0.0);
  EXPECT_TRUE(at::allclose(exact.at(name), before.at(name) + step, 1e-4, 1e-6));
}

TEST(Int8, KeepsEveryUnitOfAPrunedModel) {
  const auto model = make_model(2, 2, 4, 8, 1);
  StructureMasks masks;
  masks.mlp = at::tensor({1.0F, 0.0F});
  masks.head = at::tensor({1.0F, 0.0F, 1.0F, 1.0F}).view({2, 2});
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  Host host(model, alone(), 2);
  host.steps(2);
  const at::Tensor expected = host.logits(nullptr);
  host.model().prune(host.compressor().finish());
  EXPECT_TRUE(host.logits(nullptr).equal(expected));
}

TEST(Int8, ContinuesBitForBitFromItsState) {
  Host whole(make_model(2, 2, 4, 8, 1), alone(), 6);
  whole.steps(3);
  const TensorMap state = whole.state();
  at::manual_seed(4);
  whole.steps(3);
  Host resumed(make_model(2, 2, 4, 8, 2), alone(), 6);
  resumed.load_state(state);
  at::manual_seed(4);
  resumed.steps(3);
  for (const auto& [name, tensor] : whole.state()) {
    EXPECT_TRUE(tensor.equal(resumed.state().at(name))) << name;
  }
}

TEST(Int8, RefusesAForeignStateAndUseBeforeAttach) {
  Host host(make_model(2, 2, 4, 8, 1), alone(), 2);
  EXPECT_THAT(error_of<DataError>([&] { host.compressor().load_state({}); }),
              HasSubstr("does not fit method 'int8'"));
  EXPECT_THAT(error_of<PluginError>([] { alone()->finish(); }),
              HasSubstr("int8 was used before it was attached"));
}

}  // namespace
}  // namespace prumux::compressors

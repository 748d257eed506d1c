#include "distillation_compressor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::cofi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DistillationCompressor attached_to(const ModelView& model) {
  DistillationCompressor compressor(CompressorArguments{distillation_parameters()});
  compressor.attach(model, {});
  return compressor;
}

TEST(DistillationCompressor, NeverMasks) {
  DistillationCompressor compressor = attached_to(FakeModel(kThreeLayers));
  EXPECT_TRUE(compressor.training_masks(1000).empty());
  EXPECT_TRUE(compressor.evaluation_masks().empty());
  EXPECT_TRUE(compressor.meets_target());
  EXPECT_TRUE(compressor.needs_teacher());
}

TEST(DistillationCompressor, KeepsEveryUnitThatAPrunedModelHas) {
  const FakeModel pruned(kThreeLayers, {{4, 64}, {0, 7}, {2, 0}}, 20);
  const PrunePlan plan = attached_to(pruned).finish();
  ASSERT_EQ(plan.layers.size(), 3U);
  EXPECT_THAT(plan.layers[0].heads, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(plan.layers[0].intermediate.size(), 64U);
  EXPECT_FALSE(plan.layers[1].attention_present);
  EXPECT_EQ(plan.layers[1].intermediate.size(), 7U);
  EXPECT_THAT(plan.layers[2].heads, ElementsAre(0, 1));
  EXPECT_THAT(plan.layers[2].head_scales, ElementsAre(1.0, 1.0));
  EXPECT_FALSE(plan.layers[2].mlp_present);
  EXPECT_THAT(plan.layers[2].intermediate, IsEmpty());
  EXPECT_EQ(plan.hidden.size(), 20U);
}

TEST(DistillationCompressor, MapsThePrunedWidthToTheTeachers) {
  const FakeModel pruned(kThreeLayers, {{4, 64}, {4, 64}, {4, 64}}, 20);
  DistillationCompressor compressor = attached_to(pruned);
  EXPECT_EQ(compressor.parameter_groups()[0].parameters[0].second.sizes(),
            (std::vector<std::int64_t>{32, 20}));
}

TEST(DistillationCompressor, RestoresItsState) {
  DistillationCompressor first = attached_to(FakeModel(kThreeLayers));
  TensorMap state = first.state();
  state["layer_transformation.bias"] = torch::arange(32, torch::kFloat);
  first.load_state(state);
  EXPECT_TRUE(
      first.state().at("layer_transformation.bias").equal(torch::arange(32, torch::kFloat)));
  state.erase("layer_transformation.weight");
  EXPECT_THAT(error_of<DataError>([&] { first.load_state(state); }),
              testing::HasSubstr("does not fit method 'distillation'"));
}

}  // namespace
}  // namespace prumux::cofi

#include "structure_size.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "fixtures.h"
#include "l0_module.h"

namespace prumux::cofi {
namespace {

// d = 8, I = 12, H = 2, L = 2. By hand: a head is (4 * 64 + 32) / 2 = 144; an FFN block in the
// objective 2 * 8 * 12 + 8 + 32 = 232, so a dimension of it 232 div 12 = 19; all 2 * (288 + 232).
const EncoderConfig kTwoLayers = encoder_of(8, 12, 2, 2);

double expected(const UnitTensors& keep) {
  return StructureSize(kTwoLayers).expected(keep).item<double>();
}

TEST(StructureSize, OfBertBaseIsThePapers) {
  const StructureSize size(encoder_of(768, 3072, 12, 12));
  EXPECT_EQ(size.prunable(), 85017600);
  EXPECT_EQ(size.intermediate(), 1537);
}

TEST(StructureSize, ExpectsTheWholeWhereAKindIsNotPruned) {
  UnitTensors heads;
  heads.head = torch::full({2, 2}, 0.5);
  EXPECT_NEAR(expected(heads), 4 * 0.5 * 144 + 2 * 232, 1e-3);

  UnitTensors intermediates;
  intermediates.intermediate = torch::full({2, 12}, 0.25);
  EXPECT_NEAR(expected(intermediates), 4 * 144 + 24 * 0.25 * 19, 1e-3);
}

TEST(StructureSize, LayersAloneScaleWholeBlocks) {
  UnitTensors layers;
  layers.head_layer = torch::tensor({1.0, 0.5});
  layers.mlp = torch::tensor({0.0, 0.25});
  EXPECT_NEAR(expected(layers), 1.5 * 288 + 0.25 * 232, 1e-3);
}

TEST(StructureSize, HiddenDimensionsScaleEveryMatrix) {
  UnitTensors hidden;
  hidden.hidden = torch::full({8}, 0.5);
  EXPECT_NEAR(expected(hidden), 4 * 4 * 144.0 / 8 + 2 * 4 * 24, 1e-3);

  UnitTensors all = hidden;
  all.head = torch::full({2, 2}, 0.5);
  all.head_layer = torch::tensor({1.0, 0.0});
  all.intermediate = torch::full({2, 12}, 0.5);
  all.mlp = torch::tensor({0.0, 0.5});
  EXPECT_NEAR(expected(all), 4 * (1.0 * 144 / 8) + 2 * 4 * (12 * 0.5 * 0.5), 1e-3);
}

TEST(StructureSize, RemovedShareCountsWeightsAndBiasesOfTheShrunkModel) {
  // Dense: 2 * (4 * 64 + 32 + 2 * 8 * 12 + 12 + 8) = 1000. Left in layer 0: one head over 6
  // dimensions, 4 * 4 * 6 + 3 * 4 + 6 = 114, no FFN; in layer 1: no attention, and an FFN block
  // with no intermediate dimension, of which the bias of 6 stays.
  KeptStructure kept;
  kept.heads = {1, 0};
  kept.intermediates = {0, 0};
  kept.attention_blocks = 1;
  kept.mlp_blocks = 1;
  kept.hidden = 6;
  EXPECT_NEAR(StructureSize(kTwoLayers).removed_share(kept), 1 - 120.0 / 1000.0, 1e-12);
}

TEST(StructureSize, CountsUnitsOfRemovedBlocksAsRemoved) {
  StructureMasks masks;
  masks.head = torch::tensor({{1.0, 0.0}, {0.5, 1.0}});
  masks.head_layer = torch::tensor({0.9, 0.0});
  masks.mlp = torch::tensor({0.0, 1.0});
  const KeptStructure kept = KeptStructure::of(masks, kTwoLayers);
  EXPECT_EQ(kept.heads, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(kept.intermediates, (std::vector<std::int64_t>{0, 12}));
  EXPECT_EQ(kept.attention_blocks, 1);
  EXPECT_EQ(kept.mlp_blocks, 1);
  EXPECT_EQ(kept.hidden, 8);
}

class EveryPruningType : public testing::TestWithParam<const char*> {};

TEST_P(EveryPruningType, GivesMasksASparsityAndGradients) {
  torch::manual_seed(1);
  L0Module l0_module(PruningType::parse(GetParam()), kTwoLayers, 2.0 / 3.0, torch::kCPU);
  l0_module.clamp();
  l0_module.sample(l0_module.noise()).check(kTwoLayers);
  l0_module.deterministic().check(kTwoLayers);
  const at::Tensor sparsity = l0_module.expected_sparsity();
  EXPECT_GT(sparsity.item<double>(), -0.01);
  EXPECT_LT(sparsity.item<double>(), 0.3);
  sparsity.backward();
  for (const auto& [name, log_alpha] : l0_module.log_alphas().named("")) {
    EXPECT_TRUE(log_alpha.grad().lt(0).all().item<bool>()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Combinations, EveryPruningType,
    testing::Values("structured_heads", "structured_mlp", "hidden", "layer",
                    "structured_heads+structured_mlp", "structured_heads+hidden",
                    "structured_heads+layer", "structured_mlp+hidden", "structured_mlp+layer",
                    "hidden+layer", "structured_heads+structured_mlp+hidden",
                    "structured_heads+structured_mlp+layer", "structured_heads+hidden+layer",
                    "structured_mlp+hidden+layer", "layer+hidden+structured_mlp+structured_heads"));

}  // namespace
}  // namespace prumux::cofi

#include "prumux/structure_scores.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "prumux/error.h"

namespace prumux {
namespace {

/// 2 layers of 2 heads (size 2) and 4 intermediate dimensions. A head costs 2*(4*4+3) = 38, an
/// intermediate dimension 2*4+1 = 9, each block 4 for its output's bias: 2*(76+36+8) = 240 in all.
EncoderConfig tiny() {
  EncoderConfig encoder;
  encoder.hidden_size = 4;
  encoder.num_attention_heads = 2;
  encoder.num_hidden_layers = 2;
  encoder.intermediate_size = 4;
  return encoder;
}

StructureScores some_scores() {
  return {torch::tensor({{4.0, 3.0}, {2.0, 1.0}}),
          torch::tensor({{9.0, 8.0, 7.0, 6.0}, {5.0, 4.0, 3.0, 2.0}}),
          {}};
}

TEST(StructureScores, RemovesTheLeastImportantForTheirCost) {
  // For each parameter: heads 0.105, 0.079, 0.053, 0.026; dimensions 1 to 0.22. So heads go first.
  const StructureMasks masks =
      keep_most_important(some_scores(), tiny(), 38.0 / 240, Ranking::global);
  EXPECT_TRUE(masks.head.equal(torch::tensor({{1.0F, 1.0F}, {1.0F, 0.0F}})));
  EXPECT_EQ(masks.intermediate.sum().item<int>(), 8);
  EXPECT_FALSE(masks.hidden.defined());
}

TEST(StructureScores, ABlockWithoutUnitsGoesWithItsBias) {
  const StructureMasks masks =
      keep_most_important(some_scores(), tiny(), (2 * 38.0 + 4) / 240, Ranking::global);
  EXPECT_TRUE(masks.head_layer.equal(at::tensor({1.0F, 0.0F})));
  EXPECT_TRUE(masks.mlp.equal(at::ones({2})));
  EXPECT_NEAR(removed_share(masks, tiny()), 80.0 / 240, 1e-12);
}

TEST(StructureScores, TakesSmallUnitsWhereALargeOneIsTooMuch) {
  // 20 parameters: no head fits, two dimensions (18) do.
  const StructureMasks masks =
      keep_most_important(some_scores(), tiny(), 20.0 / 240, Ranking::global);
  EXPECT_EQ(masks.head.sum().item<int>(), 4);
  EXPECT_TRUE(masks.intermediate.equal(
      torch::tensor({{1.0F, 1.0F, 1.0F, 1.0F}, {1.0F, 1.0F, 0.0F, 0.0F}})));
}

TEST(StructureScores, BalancedComparesWithinKindAndLayer) {
  // Layer 1 scores far less, but a balanced ranking takes the same from both.
  const StructureMasks masks =
      keep_most_important(some_scores(), tiny(), 2 * 38.0 / 240, Ranking::balanced);
  EXPECT_TRUE(masks.intermediate.sum(1).equal(at::tensor({2.0F, 2.0F})));
}

TEST(StructureScores, KeepsTheRootOfTheShareOfHiddenDimensions) {
  StructureScores scores = some_scores();
  scores.hidden = at::tensor({0.5, 0.1, 0.9, 0.3});
  const StructureMasks masks = keep_most_important(scores, tiny(), 0.75, Ranking::global);
  EXPECT_TRUE(masks.hidden.equal(at::tensor({1.0F, 0.0F, 1.0F, 0.0F})));
  EXPECT_NEAR(removed_share(masks, tiny()), 0.75, 0.02);
}

TEST(StructureScores, KeepsEverythingAtZeroAndOneHiddenDimensionAlways) {
  StructureScores scores = some_scores();
  scores.hidden = at::tensor({0.5, 0.1, 0.9, 0.3});
  EXPECT_EQ(removed_share(keep_most_important(scores, tiny(), 0.0, Ranking::global), tiny()), 0.0);
  const StructureMasks masks = keep_most_important(scores, tiny(), 0.999, Ranking::balanced);
  EXPECT_EQ(masks.hidden.sum().item<int>(), 1);
}

TEST(StructureScores, MatchesTheTargetOfABertToATenthOfAPermille) {
  const EncoderConfig base;
  at::manual_seed(1);
  for (const Ranking ranking : {Ranking::global, Ranking::balanced}) {
    const StructureScores scores{at::rand({12, 12}), at::rand({12, 3072}), at::rand({768})};
    for (const double target : {0.05, 0.5, 0.8, 0.95, 0.99}) {
      const StructureMasks masks = keep_most_important(scores, base, target, ranking);
      EXPECT_NEAR(removed_share(masks, base), target, 1e-4);
    }
  }
}

TEST(StructureScores, RefusesWhatIsNoScore) {
  StructureScores scores = some_scores();
  scores.head = torch::tensor({{1.0, std::nan("")}, {1.0, 1.0}});
  try {
    keep_most_important(scores, tiny(), 0.5, Ranking::global);
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("importance of a head is not a number"));
  }
  scores.head = at::ones({3, 2});
  EXPECT_THROW(keep_most_important(scores, tiny(), 0.5, Ranking::global), DataError);
}

}  // namespace
}  // namespace prumux

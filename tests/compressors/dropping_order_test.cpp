#include "dropping_order.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace prumux::layer_dropping {
namespace {

using testing::ElementsAre;

TEST(DroppingOrder, FollowsTheStrategy) {
  EXPECT_THAT(dropping_order("top", 6), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(dropping_order("bottom", 6), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(dropping_order("alternate", 6), ElementsAre(4, 2, 0, 5, 3, 1));
  EXPECT_THAT(dropping_order("alternate", 5), ElementsAre(3, 1, 4, 2, 0));
  EXPECT_THAT(dropping_order("symmetric", 6), ElementsAre(2, 3, 1, 4, 0, 5));
  EXPECT_THAT(dropping_order("symmetric", 5), ElementsAre(2, 1, 3, 0, 4));
  for (const char* strategy : {"top", "bottom", "alternate", "symmetric"}) {
    EXPECT_THAT(dropping_order(strategy, 1), ElementsAre(0)) << strategy;
  }
}

/// BERT-base: a layer has 7,084,800 parameters, 2,362,368 (a third) in its attention block.
TEST(DropLayers, CompletesWholeLayersWithTheNearestBlock) {
  const EncoderConfig base;
  const auto blocks = [&](double sparsity) {
    const StructureMasks masks = drop_layers(dropping_order("top", 12), base, sparsity);
    return std::pair(masks.head_layer.sum().item<int>(), masks.mlp.sum().item<int>());
  };
  EXPECT_EQ(blocks(0.0), std::pair(12, 12));
  EXPECT_EQ(blocks(0.5), std::pair(6, 6));
  EXPECT_EQ(blocks(0.6), std::pair(4, 5));   // 7.2 layers: 7 and an attention block.
  EXPECT_EQ(blocks(0.95), std::pair(0, 1));  // 11.4 layers: 11 and an attention block.
  EXPECT_EQ(blocks(0.8), std::pair(3, 2));   // 9.6 layers: 9 and an FFN block.
  EXPECT_EQ(blocks(0.99), std::pair(0, 0));  // 11.88 layers: all of them.
}

}  // namespace
}  // namespace prumux::layer_dropping

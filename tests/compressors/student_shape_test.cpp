#include "student_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host.h"
#include "prumux/error.h"
#include "prumux/structure_scores.h"

namespace prumux::student {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(StudentShape, SharesTheSparsityBetweenDepthAndWidth) {
  // A quarter of BERT-base: half of the layers, at half their size (3,542,400 of 7,084,800: 6 heads
  // of 196,864 and 1536 dimensions of 1537.25).
  const StudentShape shape = StudentShape::of(EncoderConfig{}, 0.75, 0);
  EXPECT_THAT(shape.layers, ElementsAre(1, 3, 5, 7, 9, 11));
  EXPECT_EQ(shape.heads, 6);
  EXPECT_EQ(shape.intermediate, 1536);
}

TEST(StudentShape, TakesTheLayersThatAreAskedFor) {
  const StudentShape shape = StudentShape::of(EncoderConfig{}, 0.5, 6);
  EXPECT_EQ(shape.layers.size(), 6U);
  EXPECT_EQ(shape.heads, 12);
  EXPECT_EQ(shape.intermediate, 3072);
  EXPECT_THAT(StudentShape::of(EncoderConfig{}, 0.9, 3).layers, ElementsAre(3, 7, 11));
  EXPECT_THAT(
      compressors::error_of<ConfigError>([] { StudentShape::of(EncoderConfig{}, 0.5, 13); }),
      HasSubstr("layers 13 - expected at most the 12 layers of the model"));
}

TEST(StudentShape, KeepsSomethingOfEachLayer) {
  const StudentShape shape = StudentShape::of(EncoderConfig{}, 0.99, 12);
  EXPECT_EQ(shape.layers.size(), 12U);
  EXPECT_EQ(shape.heads, 1);
  EXPECT_EQ(shape.intermediate, 1);
}

TEST(StudentMasks, KeepTheUnitsWithTheLargestOutputs) {
  const auto model = compressors::make_model(2, 4, 2, 6, 1);
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    const at::NoGradGuard no_gradient;
    if (name.ends_with("layer.1.output.dense.weight")) at::Tensor(tensor).select(1, 4).fill_(9.0);
    if (name.ends_with("layer.1.attention.output.dense.weight")) {
      at::Tensor(tensor).select(1, 5).fill_(9.0);  // Of head 2.
    }
  }
  StudentShape shape;
  shape.layers = {1};
  shape.heads = 1;
  shape.intermediate = 1;
  const StructureMasks masks = student_masks(shape, compressors::View(model));
  EXPECT_TRUE(
      masks.head.equal(at::tensor({0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F}).view({2, 4})));
  at::Tensor dimension = at::zeros({2, 6});
  dimension[1][4] = 1.0;
  EXPECT_TRUE(masks.intermediate.equal(dimension));
  EXPECT_TRUE(masks.mlp.equal(at::tensor({0.0F, 1.0F})));
}

}  // namespace
}  // namespace prumux::student

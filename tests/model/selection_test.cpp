#include "core/model/selection.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <set>

namespace prumux::model {
namespace {

EncoderConfig one_layer() {
  EncoderConfig encoder;
  encoder.num_hidden_layers = 1;
  encoder.intermediate_size = 1000;
  return encoder;
}

/// What stays of intermediate dimensions of which so many have a mask that is not zero.
UnitSelection kept_of(std::int64_t present, bool trained) {
  const EncoderConfig encoder = one_layer();
  at::Tensor mask = at::zeros({1, encoder.intermediate_size});
  mask.index_fill_(1, at::randperm(encoder.intermediate_size).slice(0, 0, present), 0.5);
  StructureMasks masks;
  masks.intermediate = mask.set_requires_grad(trained);
  return StructureSelection::of(masks, encoder, /*zero_masks_are_constant=*/true)
      .layers[0]
      .intermediate;
}

TEST(Selection, OfMasksThatAreNotTrainedIsWhatIsNotZero) {
  torch::manual_seed(1);
  for (const std::int64_t present : {1, 64, 333, 999}) {
    const UnitSelection units = kept_of(present, false);
    EXPECT_EQ(units.kept.size(0), present);
    EXPECT_TRUE(units.scales.eq(0.5).all().item<bool>());
  }
}

TEST(Selection, OfTrainedMasksHasFewNumbersOfUnitsAndAllThatAreNotZero) {
  torch::manual_seed(2);
  std::set<std::int64_t> counts;
  for (std::int64_t present = 1; present < 1000; present += 37) {
    const UnitSelection units = kept_of(present, true);
    const std::int64_t count = units.kept.size(0);
    counts.insert(count);
    EXPECT_LT(count - present, 64);
    EXPECT_EQ(units.scales.gt(0).sum().item<std::int64_t>(), present);
    EXPECT_TRUE(units.kept.diff().gt(0).all().item<bool>()) << "ascending, none twice";
  }
  EXPECT_LE(counts.size(), 16U);
}

}  // namespace
}  // namespace prumux::model

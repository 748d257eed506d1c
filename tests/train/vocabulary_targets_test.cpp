#include "core/train/vocabulary_targets.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace prumux::train {
namespace {

std::vector<std::int64_t> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

using List = std::vector<std::int64_t>;

TEST(RetrievalTargets, TakeTheTokenOfTheDrawnInstanceAtEachPosition) {
  // Two groups of two instances, three positions.
  const TokenRows rows{at::arange(10, 22, at::kLong).view({4, 3}), at::ones({4, 3}, at::kLong)};
  const at::Tensor drawn = at::tensor({0, 1, 0, 1, 1, 0}, at::kLong).view({2, 3});
  const VocabularyTargets all = retrieval_targets(rows, drawn, 2, 0, {});
  EXPECT_EQ(values(all.selection.group), (List{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(values(all.selection.instance), (List{0, 1, 0, 1, 1, 0}));
  EXPECT_EQ(values(all.selection.position), (List{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(values(all.targets), (List{10, 14, 12, 19, 20, 18}));
}

TEST(RetrievalTargets, LeaveOutThePrefixAndPositionsThatAreNotKept) {
  const TokenRows rows{at::arange(10, 22, at::kLong).view({4, 3}), at::ones({4, 3}, at::kLong)};
  const at::Tensor drawn = at::zeros({2, 3}, at::kLong);
  const at::Tensor kept = at::tensor({1, 1, 0, 1, 0, 1}, at::kLong).view({2, 3}).to(at::kBool);
  const VocabularyTargets some = retrieval_targets(rows, drawn, 2, 1, kept);
  EXPECT_EQ(values(some.selection.group), (List{0, 1}));
  EXPECT_EQ(values(some.selection.position), (List{1, 2}));
  EXPECT_EQ(values(some.targets), (List{11, 18}));
  EXPECT_EQ(kept.sum().item<std::int64_t>(), 4) << "the argument was changed";
}

TEST(MaskedLmTargets, SelectLabelledTokensRowByRowBehindThePrefix) {
  const at::Tensor labels =
      at::tensor({-100, 7, -100, -100, -100, 8, 9, -100, -100}, at::kLong).view({3, 3});
  const VocabularyTargets targets = masked_lm_targets(labels, 2, 4);
  EXPECT_EQ(values(targets.selection.group), (List{0, 0, 1}));
  EXPECT_EQ(values(targets.selection.instance), (List{0, 1, 0}));
  EXPECT_EQ(values(targets.selection.position), (List{5, 6, 4}));
  EXPECT_EQ(values(targets.targets), (List{7, 8, 9}));
}

}  // namespace
}  // namespace prumux::train

#include "core/model/selected_weight.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "core/model/loops.h"
#include "tests/support/distance.h"

namespace prumux::model {
namespace {

constexpr double kTolerance = 1e-5;

struct Case {
  bool rows = false;
  bool columns = false;
  bool row_factors = false;
  bool column_factors = false;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const bool rows : {false, true}) {
    for (const bool columns : {false, true}) {
      for (const bool row_factors : {false, true}) {
        for (const bool column_factors : {false, true}) {
          cases.push_back({rows, columns, row_factors, column_factors});
        }
      }
    }
  }
  return cases;
}

/// A weight of several blocks of rows, and what is selected of it.
struct Example {
  explicit Example(const Case& of) {
    torch::manual_seed(7);
    weight = at::randn({75, 53}).requires_grad_();
    if (of.rows) selection.rows = at::randperm(75).narrow(0, 0, 40);
    if (of.columns) selection.columns = at::randperm(53).narrow(0, 0, 29);
    const auto factors = [](std::int64_t count) { return at::rand({count}).requires_grad_(); };
    if (of.row_factors) selection.row_factors = factors(of.rows ? 40 : 75);
    if (of.column_factors) selection.column_factors = factors(of.columns ? 29 : 53);
  }

  /// As libtorch's own operators give it.
  at::Tensor expected() const {
    at::Tensor result = weight;
    if (selection.rows.defined()) result = result.index_select(0, selection.rows);
    if (selection.columns.defined()) result = result.index_select(1, selection.columns);
    if (selection.row_factors.defined()) result = result * selection.row_factors.unsqueeze(1);
    if (selection.column_factors.defined()) result = result * selection.column_factors;
    return result;
  }

  /// Gradients of what is defined, and forgets them.
  std::vector<at::Tensor> take_gradients() {
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& tensor : {weight, selection.row_factors, selection.column_factors}) {
      if (!tensor.defined()) continue;
      gradients.push_back(tensor.grad());
      tensor.mutable_grad().reset();
    }
    return gradients;
  }

  at::Tensor weight;
  WeightSelection selection;
};

TEST(SelectWeight, GivesWhatLibtorchsOperatorsGiveWithTheirGradients) {
  for (const Case& of : all_cases()) {
    Example example(of);
    const at::Tensor result = select_weight(example.weight, example.selection);
    const at::Tensor expected = example.expected();
    ASSERT_EQ(result.sizes(), expected.sizes());
    EXPECT_LT(test::distance(result, expected), kTolerance);

    const at::Tensor loss_weights = at::randn_like(result);
    (result * loss_weights).sum().backward();
    const std::vector<at::Tensor> gradients = example.take_gradients();
    (expected * loss_weights).sum().backward();
    const std::vector<at::Tensor> expected_gradients = example.take_gradients();
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      EXPECT_LT(test::distance(gradients[i], expected_gradients[i]), kTolerance) << i;
    }
  }
}

TEST(SelectWeight, IsTheWeightItselfWhereNothingIsSelected) {
  const at::Tensor weight = at::rand({3, 4});
  EXPECT_TRUE(select_weight(weight, {}).is_same(weight));
}

TEST(SelectWeight, OfNothingHasAGradientOfZeros) {
  const at::Tensor nothing = at::empty({0}, at::kLong);
  for (const WeightSelection& selection :
       {WeightSelection{nothing, {}, {}, {}}, WeightSelection{{}, nothing, {}, {}}}) {
    const at::Tensor weight = at::rand({3, 4}).requires_grad_();
    const at::Tensor result = select_weight(weight, selection);
    EXPECT_EQ(result.numel(), 0);
    result.sum().backward();
    EXPECT_TRUE(weight.grad().equal(at::zeros({3, 4})));
  }
}

TEST(SelectWeight, SaysThatItHasNoSecondDerivative) {
  const Example example({.rows = true});
  const at::Tensor result = select_weight(example.weight, example.selection).square().sum();
  EXPECT_THROW(torch::autograd::grad({result}, {example.weight}, {}, true, /*create_graph=*/true),
               std::logic_error);
}

TEST(SelectWeight, GivesTheTypeOfProductsUnderAutocast) {
  Example example({true, true, true, true});
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const at::Tensor result = select_weight(example.weight, example.selection);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_EQ(result.scalar_type(), at::kBFloat16);
  const at::Tensor expected = example.expected();
  EXPECT_LT(test::distance(result.to(at::kFloat), expected), 0.02);

  const at::Tensor given = at::randn_like(result);
  result.backward(given);
  const std::vector<at::Tensor> gradients = example.take_gradients();
  expected.backward(given.to(at::kFloat));
  const std::vector<at::Tensor> expected_gradients = example.take_gradients();
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    EXPECT_LT(test::distance(gradients[i], expected_gradients[i]), kTolerance) << i;
  }
}

TEST(Loops, RoundToBfloat16AsLibtorchDoes) {
  torch::manual_seed(9);
  at::Tensor x = at::randn({5000}) * 100;
  x[0] = std::numeric_limits<float>::quiet_NaN();
  x[1] = std::numeric_limits<float>::infinity();
  x[2] = 1.00390625F;  // Halfway between two numbers of bfloat16.
  x[3] = 1.01171875F;
  at::Tensor result = at::empty({5000}, at::kBFloat16);
  to_bfloat16(x.const_data_ptr<float>(), 5000,
              static_cast<std::uint16_t*>(result.mutable_data_ptr()));
  EXPECT_TRUE(result.isnan()[0].item<bool>());
  EXPECT_TRUE(result.slice(0, 1).equal(x.to(at::kBFloat16).slice(0, 1)));
}

}  // namespace
}  // namespace prumux::model

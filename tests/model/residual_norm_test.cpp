#include "core/model/residual_norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "core/model/dropout.h"
#include "tests/support/any_threads.h"

namespace prumux::model {
namespace {

constexpr double kEps = 1e-6;
constexpr std::int64_t kWidth = 83;

at::Tensor parameter(at::IntArrayRef shape) { return at::randn(shape).requires_grad_(true); }

/// The same by libtorch's operators, one after the other.
at::Tensor chain(const at::Tensor& residual, const at::Tensor& update, const Norm& norm,
                 double probability) {
  const at::Tensor sum = residual + dropout(update.expand_as(residual), probability);
  return at::layer_norm(sum, {kWidth}, norm.weight, norm.bias, kEps);
}

struct UpdateCase {
  const char* name;
  std::vector<std::int64_t> update;
  at::ScalarType type;
  double tolerance;
};

class ResidualNorm : public testing::TestWithParam<UpdateCase> {
 protected:
  void SetUp() override {
    torch::manual_seed(11);
    residual_ = parameter({5, 17, kWidth});
    update_ = at::randn(GetParam().update).to(GetParam().type).requires_grad_(true);
    norm_ = {parameter({kWidth}), parameter({kWidth})};
  }
  std::vector<at::Tensor> arguments() const {
    return {residual_, update_, norm_.weight, norm_.bias};
  }

  at::Tensor residual_;
  at::Tensor update_;
  Norm norm_;
};
INSTANTIATE_TEST_SUITE_P(Updates, ResidualNorm,
                         testing::Values(UpdateCase{"float32", {5, 17, kWidth}, at::kFloat, 1e-4},
                                         UpdateCase{
                                             "bfloat16", {5, 17, kWidth}, at::kBFloat16, 0.02},
                                         UpdateCase{"bias", {kWidth}, at::kFloat, 1e-4}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST_P(ResidualNorm, IsWhatLibtorchsOperatorsGiveOneAfterTheOther) {
  const at::Tensor weights = at::randn({5, 17, kWidth});
  const double tolerance = GetParam().tolerance;
  for (const double probability : {0.0, 0.25, 1.0}) {
    SCOPED_TRACE(probability);
    torch::manual_seed(12);
    const at::Tensor expected = chain(residual_, update_, norm_, probability);
    torch::manual_seed(12);
    const at::Tensor result = add_and_normalise(residual_, update_, norm_, kEps, probability);
    EXPECT_EQ(result.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::allclose(result, expected, tolerance, tolerance));

    const auto wanted = torch::autograd::grad({(expected * weights).sum()}, arguments());
    const auto gradients = torch::autograd::grad({(result * weights).sum()}, arguments());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(gradients[i].scalar_type(), wanted[i].scalar_type());
      EXPECT_TRUE(at::allclose(gradients[i], wanted[i], tolerance, 10 * tolerance)) << i;
    }
  }
}

TEST_P(ResidualNorm, IsTheSameWithAnyNumberOfThreads) {
  test::expect_the_same_on_any_threads([&] {
    const at::Tensor result = add_and_normalise(residual_, update_, norm_, kEps, 0.1);
    auto all = torch::autograd::grad({result.square().sum()}, arguments());
    all.push_back(result);
    return all;
  });
}

}  // namespace
}  // namespace prumux::model

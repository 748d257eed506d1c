#include "core/model/dropout.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <vector>

#include "tests/support/any_threads.h"

namespace prumux::model {
namespace {

constexpr double kProbability = 0.3;

at::Tensor zeroed(const at::Tensor& x) { return dropout(x, kProbability).eq(0.0); }

/// Standard deviations between how many of `chosen` are true and how many are expected to be.
double deviation(const at::Tensor& chosen, double probability) {
  const auto count = static_cast<double>(chosen.numel());
  const double expected = count * probability;
  return (static_cast<double>(chosen.sum().item<std::int64_t>()) - expected) /
         std::sqrt(expected * (1 - probability));
}

TEST(Dropout, ZeroesAShareAndScalesTheOthers) {
  torch::manual_seed(1);
  const at::Tensor x = at::rand({1000, 501}) + 0.5;
  const at::Tensor result = dropout(x, kProbability);
  const at::Tensor gone = result.eq(0.0);
  EXPECT_LT(std::abs(deviation(gone, kProbability)), 4.0);
  EXPECT_TRUE(at::allclose(result, x.masked_fill(gone, 0.0) / (1 - kProbability)));
}

TEST(Dropout, DrawsAnewForEachCallAndElement) {
  torch::manual_seed(2);
  const at::Tensor x = at::ones({1 << 19});
  const at::Tensor first = zeroed(x);
  const at::Tensor second = zeroed(x);
  const double both = kProbability * kProbability;
  EXPECT_LT(std::abs(deviation(first.logical_and(second), both)), 4.0);
  for (const std::int64_t distance : {1, 2, 16, 1024}) {
    const std::int64_t count = x.numel() - distance;
    EXPECT_LT(std::abs(deviation(
                  first.narrow(0, 0, count).logical_and(first.narrow(0, distance, count)), both)),
              4.0)
        << distance;
  }
}

TEST(Dropout, GivesTheSameForASeedWhateverTheThreads) {
  const at::Tensor x = at::ones({300, 1001});
  test::expect_the_same_on_any_threads([&] { return std::vector<at::Tensor>{zeroed(x)}; });
}

TEST(Dropout, ItsGradientLosesTheSameElements) {
  torch::manual_seed(4);
  const at::Tensor x = at::ones({37, 129}).requires_grad_();
  const at::Tensor result = dropout(x, kProbability);
  result.sum().backward();
  EXPECT_TRUE(x.grad().equal(result.detach()));
}

TEST(Dropout, DropsTheSameInBfloat16) {
  const at::Tensor x = at::randn({77, 333}).to(at::kBFloat16);
  torch::manual_seed(5);
  const at::Tensor few_bits = dropout(x, kProbability);
  torch::manual_seed(5);
  const at::Tensor expected = dropout(x.to(at::kFloat), kProbability).to(at::kBFloat16);
  EXPECT_EQ(few_bits.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(few_bits.equal(expected));
}

TEST(Dropout, TakesWhatIsNotContiguous) {
  torch::manual_seed(6);
  const at::Tensor result =
      dropout(at::rand({5, 7}).add(1).t().unsqueeze(0).expand({3, 7, 5}), 0.5);
  EXPECT_EQ(result.sizes(), at::IntArrayRef({3, 7, 5}));
  EXPECT_FALSE(result[0].eq(0).equal(result[1].eq(0)));
}

TEST(Dropout, AtTheEndsKeepsAllOrNothing) {
  const at::Tensor x = at::rand({10});
  EXPECT_TRUE(dropout(x, 0.0).equal(x));
  EXPECT_TRUE(dropout(x, 1.0).equal(at::zeros({10})));
}

}  // namespace
}  // namespace prumux::model

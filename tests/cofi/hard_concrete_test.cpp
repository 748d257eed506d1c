#include "hard_concrete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "golden.h"

namespace prumux::cofi::hard_concrete {
namespace {

constexpr double kBeta = 2.0 / 3.0;

TEST(HardConcrete, RemovesTheExpectedNumberRounded) {
  // P(z != 0) is 1/2 where log_alpha = beta ln(1/11); it is 1 and 0 far above and below.
  const double half = kBeta * std::log(1.0 / 11.0);
  const at::Tensor log_alpha = torch::tensor({{-30.0, -30.0, -30.0, 30.0, 30.0},
                                              {half, half, 30.0, 30.0, 30.0},
                                              {30.0, 30.0, 30.0, 30.0, 30.0},
                                              {half, half - 1.0, 30.0, 30.0, 30.0}});
  // The last row: 0.5 + sigmoid(1) = 1.23.
  EXPECT_THAT(expected_removals(log_alpha, kBeta), testing::ElementsAre(3, 1, 0, 1));
}

TEST(HardConcrete, RanksEveryRowByItself) {
  const at::Tensor log_alpha = torch::tensor({{3.0, -1.0, 2.0, 0.0}, {0.0, 1.0, 2.0, 3.0}});
  const at::Tensor mask = ranked_mask(log_alpha, {2, 1}, kBeta);
  const at::Tensor expected = torch::tensor({{1.0, 0.0, 1.0, 0.0}, {0.0, 1.0, 1.0, 1.0}});
  EXPECT_TRUE(mask.ne(0).equal(expected.ne(0)));
  EXPECT_NEAR(mask[0][0].item<double>(), 1 / (1 + std::exp(-0.8 * 3.0 * 1.5)), 1e-6);
}

TEST(HardConcrete, RemovesTheFirstOfEqualUnits) {
  const at::Tensor mask = ranked_mask(torch::full({1, 4}, kMaximumLogAlpha), {2}, kBeta);
  EXPECT_TRUE(mask.ne(0).equal(torch::tensor({{false, false, true, true}})));
  EXPECT_NEAR(mask[0][3].item<double>(), 0.9960, 1e-4);
}

TEST(HardConcrete, SamplesPassGradientsWhereTheyAreNotClamped) {
  const at::Tensor log_alpha = torch::tensor({0.0, 20.0, -20.0}).requires_grad_();
  const at::Tensor z = sample(log_alpha, torch::full({3}, 0.5), kBeta);
  z.sum().backward();
  EXPECT_LE(difference(z, torch::tensor({0.5, 1.0, 0.0})), 1e-6);
  // d/da of 1.2 sigmoid(a / beta) at 0 is 1.2 / 4 * 1.5.
  EXPECT_LE(difference(log_alpha.grad(), torch::tensor({0.45, 0.0, 0.0})), 1e-6);
}

TEST(HardConcrete, NoiseIsDrawnFromTheDefaultGenerator) {
  torch::manual_seed(3);
  const at::Tensor first = uniform_noise(torch::zeros({50}));
  torch::manual_seed(3);
  EXPECT_TRUE(first.equal(uniform_noise(torch::zeros({50}))));
  EXPECT_GE(first.min().item<double>(), 1e-6);
  EXPECT_LE(first.max().item<double>(), 1 - 1e-6);
}

}  // namespace
}  // namespace prumux::cofi::hard_concrete

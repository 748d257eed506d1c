#include "core/model/embedded_tokens.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "core/model/dropout.h"
#include "tests/support/any_threads.h"

namespace prumux::model {
namespace {

constexpr double kEps = 1e-5;
constexpr std::int64_t kWidth = 83;

at::Tensor parameter(at::IntArrayRef shape) { return at::randn(shape).requires_grad_(true); }

EmbeddingTables random_tables() {
  return {parameter({50, kWidth}),
          parameter({9, kWidth}),
          parameter({2, kWidth}),
          {parameter({kWidth}), parameter({kWidth})},
          std::nullopt};
}

std::vector<at::Tensor> parameters_of(const EmbeddingTables& tables) {
  return {tables.word, tables.position, tables.token_type, tables.norm.weight, tables.norm.bias};
}

/// Word 0 and position 1 are padding, as in models of the RoBERTa kind.
TokenPlaces random_places(bool with_types) {
  TokenPlaces places;
  places.words = at::randint(0, 50, {41, 7}, at::kLong);
  places.positions = at::arange(2, 9).expand({41, 7}).contiguous();
  places.words.slice(1, 5).fill_(0);
  places.positions.slice(1, 5).fill_(1);
  if (with_types) places.types = at::randint(0, 2, {41, 7}, at::kLong);
  places.padding_word = 0;
  places.padding_position = 1;
  return places;
}

/// One of libtorch's operators after the other.
at::Tensor chain(const EmbeddingTables& tables, const TokenPlaces& places, double probability) {
  const at::Tensor sum = sum_embeddings(tables, places);
  return dropout(at::layer_norm(sum, {kWidth}, tables.norm.weight, tables.norm.bias, kEps),
                 probability);
}

class EmbeddedTokens : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { torch::manual_seed(5); }
};
INSTANTIATE_TEST_SUITE_P(Types, EmbeddedTokens, testing::Bool());

TEST_P(EmbeddedTokens, AreWhatLibtorchsOperatorsGiveOneAfterTheOther) {
  const EmbeddingTables tables = random_tables();
  const TokenPlaces places = random_places(GetParam());
  const at::Tensor weights = at::randn({41, 7, kWidth});
  for (const double probability : {0.0, 0.3}) {
    SCOPED_TRACE(probability);
    torch::manual_seed(6);
    const at::Tensor expected = chain(tables, places, probability);
    torch::manual_seed(6);
    const at::Tensor result = embed_tokens(tables, places, kEps, probability);
    EXPECT_TRUE(at::allclose(result, expected, 1e-5, 1e-5));

    const auto wanted = torch::autograd::grad({(expected * weights).sum()}, parameters_of(tables));
    const auto gradients = torch::autograd::grad({(result * weights).sum()}, parameters_of(tables));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_TRUE(at::allclose(gradients[i], wanted[i], 1e-4, 1e-4)) << i;
    }
  }
}

TEST_P(EmbeddedTokens, AreTheSameWithAnyNumberOfThreads) {
  const EmbeddingTables tables = random_tables();
  const TokenPlaces places = random_places(GetParam());
  test::expect_the_same_on_any_threads([&] {
    const at::Tensor result = embed_tokens(tables, places, kEps, 0.1);
    auto all = torch::autograd::grad({result.square().sum()}, parameters_of(tables));
    all.push_back(result);
    return all;
  });
}

TEST(EmbeddedTokensOfPadding, GiveItsRowsNoGradient) {
  torch::manual_seed(8);
  const EmbeddingTables tables = random_tables();
  const at::Tensor result = embed_tokens(tables, random_places(true), kEps, 0.0);
  const auto gradients =
      torch::autograd::grad({result.square().sum()}, {tables.word, tables.position});
  EXPECT_EQ(gradients[0][0].abs().max().item<float>(), 0.0F);
  EXPECT_EQ(gradients[1][1].abs().max().item<float>(), 0.0F);
  EXPECT_GT(gradients[1][2].abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace prumux::model

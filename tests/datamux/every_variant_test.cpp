#include <gtest/gtest.h>

#include <tuple>

#include "support.h"

namespace prumux::datamux {
namespace {

using MuxingCase = std::tuple<std::string, PaddingSemantics>;

/// What every muxing promises.
class EveryMuxing : public testing::TestWithParam<MuxingCase> {
 protected:
  static std::shared_ptr<DataMultiplexer> make(std::int64_t num_instances) {
    MultiplexerArguments arguments = small_arguments(num_instances);
    arguments.parameters.set("muxing_variant", std::get<0>(GetParam()));
    arguments.padding = std::get<1>(GetParam());
    return make_random(arguments);
  }
  static bool masks_padding() { return std::get<1>(GetParam()) == PaddingSemantics::masked; }

  /// Instances of different lengths, the first one whole.
  static at::Tensor mask(std::int64_t groups, std::int64_t instances, std::int64_t length) {
    const at::Tensor lengths = length - at::arange(groups * instances).remainder(length);
    return lengths.unsqueeze(1)
        .gt(at::arange(length))
        .to(at::kLong)
        .view({groups, instances, length});
  }
};

INSTANTIATE_TEST_SUITE_P(Variants, EveryMuxing,
                         testing::Combine(testing::ValuesIn(choices_of("muxing_variant")),
                                          testing::Values(PaddingSemantics::masked,
                                                          PaddingSemantics::attended)));

TEST_P(EveryMuxing, MakesOneSequenceOfAGroup) {
  for (const std::int64_t instances : {1, 2, 5}) {
    const at::Tensor mixed =
        make(instances)->mux(at::randn({3, instances, 4, 8}), mask(3, instances, 4));
    EXPECT_EQ(mixed.sizes(), at::IntArrayRef({3, 4, 8})) << instances << " instances";
    EXPECT_TRUE(mixed.isfinite().all().item<bool>()) << instances << " instances";
  }
}

TEST_P(EveryMuxing, KeepsGroupsApart) {
  const auto multiplexer = make(3);
  const at::Tensor embeddings = at::randn({4, 3, 5, 8});
  const at::Tensor tokens = mask(4, 3, 5);
  const at::Tensor order = indices({2, 0, 3, 1});
  const at::Tensor permuted =
      multiplexer->mux(embeddings.index_select(0, order), tokens.index_select(0, order));
  EXPECT_LT(distance(permuted, multiplexer->mux(embeddings, tokens).index_select(0, order)),
            kTolerance);
}

TEST_P(EveryMuxing, TellsInstancesApart) {
  const auto multiplexer = make(2);
  const at::Tensor embeddings = at::randn({1, 2, 3, 8});
  const at::Tensor tokens = at::ones({1, 2, 3}, at::kLong);
  EXPECT_GT(
      distance(multiplexer->mux(embeddings, tokens), multiplexer->mux(embeddings.flip(1), tokens)),
      1e-3);
}

TEST_P(EveryMuxing, DoesNotReadMaskedPadding) {
  if (!masks_padding()) {
    return;
  }
  const auto multiplexer = make(3);
  const at::Tensor tokens = mask(2, 3, 5);
  const at::Tensor embeddings = at::randn({2, 3, 5, 8});
  const at::Tensor other =
      at::where(tokens.unsqueeze(3).eq(1), embeddings, at::randn({2, 3, 5, 8}));
  const at::Tensor read = tokens.amax(1, /*keepdim=*/true).transpose(1, 2);
  EXPECT_LT(
      distance(multiplexer->mux(other, tokens) * read, multiplexer->mux(embeddings, tokens) * read),
      kTolerance);
}

TEST_P(EveryMuxing, GivesTheSameWithMoreMaskedPadding) {
  if (!masks_padding()) {
    return;
  }
  const auto multiplexer = make(3);
  const at::Tensor tokens = mask(2, 3, 5);
  const at::Tensor embeddings = at::randn({2, 3, 5, 8});
  const at::Tensor longer = multiplexer->mux(at::cat({embeddings, at::randn({2, 3, 2, 8})}, 2),
                                             at::cat({tokens, at::zeros({2, 3, 2}, at::kLong)}, 2));
  EXPECT_LT(distance(longer.narrow(1, 0, 5), multiplexer->mux(embeddings, tokens)), kTolerance);
}

TEST_P(EveryMuxing, LearnsItsVectorsOnlyWhenAsked) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("muxing_variant", std::get<0>(GetParam()));
  EXPECT_FALSE(tensor(DataMultiplexer(arguments), "instance_embedding").requires_grad());
  arguments.parameters.set("learn_muxing", true);
  EXPECT_TRUE(tensor(DataMultiplexer(arguments), "instance_embedding").requires_grad());
}

/// What every demultiplexing promises.
class EveryDemultiplexing : public testing::TestWithParam<std::string> {
 protected:
  static std::shared_ptr<DataMultiplexer> make(std::int64_t num_instances) {
    MultiplexerArguments arguments = small_arguments(num_instances);
    arguments.parameters.set("demuxing_variant", GetParam());
    return make_random(arguments);
  }
};

INSTANTIATE_TEST_SUITE_P(Variants, EveryDemultiplexing,
                         testing::ValuesIn(choices_of("demuxing_variant")));

TEST_P(EveryDemultiplexing, SeparatesTheAskedPositionsOfEveryInstance) {
  for (const std::int64_t instances : {1, 2, 5}) {
    const auto multiplexer = make(instances);
    const at::Tensor hidden = at::randn({3, 9, 8});
    const at::Tensor positions = indices({8, 6, 7});
    const at::Tensor all = multiplexer->demux(hidden, at::arange(9));
    EXPECT_EQ(all.sizes(), at::IntArrayRef({3, instances, 9, 8}));
    EXPECT_LT(distance(multiplexer->demux(hidden, positions), all.index_select(2, positions)),
              kTolerance);
  }
}

TEST_P(EveryDemultiplexing, KeepsGroupsApart) {
  const auto multiplexer = make(3);
  const at::Tensor hidden = at::randn({4, 7, 8});
  const at::Tensor order = indices({2, 0, 3, 1});
  const at::Tensor permuted = multiplexer->demux(hidden.index_select(0, order), at::arange(7));
  EXPECT_LT(distance(permuted, multiplexer->demux(hidden, at::arange(7)).index_select(0, order)),
            kTolerance);
}

TEST_P(EveryDemultiplexing, TellsInstancesApart) {
  const at::Tensor separated = make(2)->demux(at::randn({1, 5, 8}), at::arange(5));
  EXPECT_GT(distance(separated.select(1, 0), separated.select(1, 1)), 1e-3);
}

TEST_P(EveryDemultiplexing, ReadsSelectedTokensInTheOrderOfTheSelection) {
  const auto multiplexer = make(3);
  const at::Tensor hidden = at::randn({2, 7, 8});
  const TokenSelection selection{indices({1, 0, 1, 0, 1}), indices({2, 0, 0, 2, 1}),
                                 indices({6, 5, 4, 6, 4})};
  const at::Tensor features = multiplexer->vocabulary_features(hidden, selection);
  ASSERT_EQ(features.sizes(), at::IntArrayRef({5, 8}));
  for (std::int64_t m = 0; m < 5; ++m) {
    const auto one = [m](const at::Tensor& of_all) { return of_all.narrow(0, m, 1); };
    const at::Tensor alone = multiplexer->vocabulary_features(
        hidden, {one(selection.group), one(selection.instance), one(selection.position)});
    EXPECT_LT(distance(one(features), alone), kTolerance) << "token " << m;
  }
}

}  // namespace
}  // namespace prumux::datamux

#include <gmock/gmock.h>

#include <tuple>

#include "prumux/error.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kTolerance = 1e-5;

at::Tensor kept() { return indices({0, 2, 3, 6}); }

at::Tensor scales() { return torch::tensor({1.0F, 0.5F, 0.996F, 0.25F}); }

/// [..., 4] -> [..., 8], zero at the dimensions that are not kept.
at::Tensor spread(const at::Tensor& narrow) {
  std::vector<std::int64_t> shape = narrow.sizes().vec();
  shape.back() = 8;
  return at::zeros(shape).index_copy(-1, kept(), narrow);
}

using Variant = std::tuple<PaddingSemantics, std::string, std::string>;

class PruneHidden : public testing::TestWithParam<Variant> {
 protected:
  MultiplexerArguments arguments() const {
    MultiplexerArguments arguments = small_arguments(3);
    arguments.padding = std::get<0>(GetParam());
    arguments.parameters.set("muxing_variant", std::get<1>(GetParam()));
    arguments.parameters.set("demuxing_variant", std::get<2>(GetParam()));
    return arguments;
  }
  std::shared_ptr<DataMultiplexer> pruned() const {
    auto multiplexer = make_random(arguments());
    multiplexer->prune_hidden(kept(), scales());
    return multiplexer;
  }

  at::Tensor embeddings_ = at::randn({2, 3, 5, 8});
  at::Tensor mask_ = at::randint(0, 2, {2, 3, 5}, at::kLong);
  at::Tensor hidden_ = at::randn({2, 5, 4});
  TokenSelection selection_{indices({1, 0, 1}), indices({2, 0, 1}), indices({3, 0, 4})};
};

INSTANTIATE_TEST_SUITE_P(Variants, PruneHidden,
                         testing::Combine(testing::Values(PaddingSemantics::masked,
                                                          PaddingSemantics::attended),
                                          testing::ValuesIn(choices_of("muxing_variant")),
                                          testing::ValuesIn(choices_of("demuxing_variant"))));

TEST_P(PruneHidden, MuxReturnsTheKeptColumnsOfTheMaskedOutput) {
  const auto whole = make_random(arguments());
  const at::Tensor expected = whole->mux(embeddings_, mask_).index_select(2, kept()) * scales();
  EXPECT_LT(distance(pruned()->mux(embeddings_, mask_), expected), kTolerance);
}

TEST_P(PruneHidden, DemuxEqualsThatOfHiddenStatesWithZeros) {
  const auto whole = make_random(arguments());
  const at::Tensor expected = whole->demux(spread(hidden_), at::arange(5));
  EXPECT_LT(distance(pruned()->demux(hidden_, at::arange(5)), expected), kTolerance);
}

TEST_P(PruneHidden, VocabularyFeaturesEqualThoseOfHiddenStatesWithZeros) {
  const auto whole = make_random(arguments());
  const at::Tensor expected = whole->vocabulary_features(spread(hidden_), selection_);
  EXPECT_LT(distance(pruned()->vocabulary_features(hidden_, selection_), expected), kTolerance);
}

TEST_P(PruneHidden, ASecondPruningCountsFromTheFirst) {
  const auto twice = pruned();
  twice->prune_hidden(indices({1, 3}), torch::tensor({2.0F, 4.0F}));
  const auto once = make_random(arguments());
  once->prune_hidden(indices({2, 6}), torch::tensor({1.0F, 1.0F}));
  EXPECT_LT(distance(twice->mux(embeddings_, mask_), once->mux(embeddings_, mask_)), kTolerance);
  const at::Tensor hidden = at::randn({2, 5, 2});
  EXPECT_LT(distance(twice->demux(hidden, indices({0})), once->demux(hidden, indices({0}))),
            kTolerance);
}

TEST_P(PruneHidden, KeepingEveryDimensionOnlyScales) {
  const auto whole = make_random(arguments());
  const auto scaled = make_random(arguments());
  scaled->prune_hidden(at::arange(8), at::full({8}, 0.5));
  EXPECT_LT(distance(scaled->mux(embeddings_, mask_), whole->mux(embeddings_, mask_) * 0.5),
            kTolerance);
}

TEST_P(PruneHidden, ACheckpointOfThePrunedModelLoads) {
  const auto saved = pruned();
  const auto loaded = make_random(arguments());
  load(*loaded, state(*saved));
  loaded->adopt_loaded_shapes(4);
  EXPECT_EQ(distance(loaded->mux(embeddings_, mask_), saved->mux(embeddings_, mask_)), 0.0);
  EXPECT_EQ(distance(loaded->demux(hidden_, indices({0})), saved->demux(hidden_, indices({0}))),
            0.0);
}

TEST(PruneHiddenTwice, ACheckpointLoads) {
  for (const std::string& muxing : choices_of("muxing_variant")) {
    MultiplexerArguments arguments = small_arguments(2);
    arguments.parameters.set("muxing_variant", muxing);
    const auto saved = make_random(arguments);
    saved->prune_hidden(kept(), scales());
    saved->prune_hidden(indices({1, 3}), at::ones({2}));
    const auto loaded = make_random(arguments);
    load(*loaded, state(*saved));
    loaded->adopt_loaded_shapes(2);
    const at::Tensor embeddings = at::randn({2, 2, 3, 8});
    EXPECT_EQ(distance(loaded->mux(embeddings, {}), saved->mux(embeddings, {})), 0.0) << muxing;
  }
}

TEST(PrunedModel, SurvivesAConversionToBfloat16) {
  // Indices above 256 have no exact bfloat16.
  const auto multiplexer = make_random(small_arguments(2, 320));
  multiplexer->prune_hidden(indices({3, 257, 301, 319}), at::ones({4}));
  const at::Tensor embeddings = at::randn({1, 2, 3, 320});
  const at::Tensor expected = multiplexer->mux(embeddings, {});
  multiplexer->to(at::kBFloat16);
  const at::Tensor converted = multiplexer->mux(embeddings.to(at::kBFloat16), {});
  EXPECT_LT(distance(converted.to(at::kFloat), expected), 0.1);
  multiplexer->adopt_loaded_shapes(4);
  EXPECT_EQ(distance(multiplexer->mux(embeddings.to(at::kBFloat16), {}), converted), 0.0);
}

TEST(PrunedModel, DropsGradientsOfTheOldShape) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("learn_muxing", true);
  const auto multiplexer = make_random(arguments);
  multiplexer->mux(at::randn({1, 2, 3, 8}), {}).sum().backward();
  multiplexer->prune_hidden(kept(), scales());
  multiplexer->mux(at::randn({1, 2, 3, 8}), {}).sum().backward();
  EXPECT_EQ(tensor(*multiplexer, "instance_embedding").grad().sizes(), at::IntArrayRef({2, 4}));
}

TEST(ReferencePrunedCheckpoint, RunsWithNarrowEmbeddingsAndKeys) {
  const auto whole = make_random(small_arguments(2));
  TensorMap cut = state(*whole);
  const auto narrow = [&](const std::string& name, const at::Tensor& columns) {
    cut[name] = cut[name].index_select(1, columns);
  };
  narrow("instance_embedding", kept());
  narrow("demux_module.demux_instance_embedding", kept());
  narrow("demux_module.dense_1.weight", at::cat({kept(), kept() + 8}));
  const auto loaded = make_random(small_arguments(2));
  load(*loaded, cut);
  loaded->adopt_loaded_shapes(4);

  const at::Tensor embeddings = at::randn({1, 2, 3, 4});
  EXPECT_LT(distance(loaded->mux(embeddings, {}),
                     whole->mux(spread(embeddings), {}).index_select(2, kept())),
            kTolerance);
  const at::Tensor hidden = at::randn({1, 3, 4});
  // The whole model without the dropped coordinates of its keys.
  load(*whole, {{"demux_module.demux_instance_embedding",
                 spread(cut["demux_module.demux_instance_embedding"])}});
  EXPECT_LT(
      distance(loaded->demux(hidden, indices({1})), whole->demux(spread(hidden), indices({1}))),
      kTolerance);
}

struct WrongShape {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string expected;
};

class LoadedShapes : public testing::TestWithParam<WrongShape> {};

TEST_P(LoadedShapes, ThatDoNotFitAreNamed) {
  const auto multiplexer = make_random(small_arguments(2));
  load(*multiplexer, {{GetParam().name, at::zeros(GetParam().shape)}});
  EXPECT_THAT([&] { multiplexer->adopt_loaded_shapes(8); },
              ThrowsMessage<DataError>(
                  HasSubstr("tensor '" + GetParam().name + "' has shape " + GetParam().expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Tensors, LoadedShapes,
    testing::Values(
        WrongShape{"instance_embedding", {3, 8}, "[3, 8], expected [2, 8]"},
        WrongShape{"instance_embedding", {2, 8, 8}, "[2, 8, 8], expected [2, 8]"},
        WrongShape{"demux_module.demux_instance_embedding", {5, 8}, "[5, 8], expected [2, 8]"},
        WrongShape{"demux_module.demux_instance_embedding", {2, 4}, "[2, 4], expected [2, 8]"},
        WrongShape{"demux_module.dense_1.weight", {8, 12}, "[8, 12], expected [8, 16]"},
        WrongShape{"demux_module.dense_1.bias", {4}, "[4], expected [8]"},
        WrongShape{"demux_module.dense_3.weight", {8, 7}, "[8, 7], expected [8, 8]"},
        WrongShape{"demux_module.layer_norm_2.bias", {1}, "[1], expected [8]"},
        WrongShape{"demultiplexer.pre_decoder.weight", {4, 8}, "[4, 8], expected [8, 8]"},
        WrongShape{"retrieval_head.pre_decoder_layer_norm.weight", {6}, "[6], expected [8]"}));

TEST(LoadedShapesOfAPrunedModel, MustKeepAsManyDimensionsAsTheEncoder) {
  const auto multiplexer = make_random(small_arguments(2));
  load(*multiplexer, {{"instance_embedding", at::zeros({2, 4})},
                      {"instance_kept_hidden", indices({1, 0, 1, 1, 0, 0, 0, 0})},
                      {"demux_module.dense_1.weight", at::zeros({8, 12})}});
  EXPECT_THAT([&] { multiplexer->adopt_loaded_shapes(4); },
              ThrowsMessage<DataError>("tensor 'instance_kept_hidden' keeps 3 hidden dimensions, "
                                       "expected 4, the width of the encoder"));
}

TEST(LoadedShapesOfAPrunedModel, OfAnAttentionMuxingAreNamed) {
  const auto error_of = [](const TensorMap& values, std::int64_t encoder_width) {
    MultiplexerArguments arguments = small_arguments(2);
    arguments.parameters.set("muxing_variant", std::string("gaussian_attention"));
    arguments.parameters.set("demuxing_variant", std::string("mlp"));
    const auto multiplexer = make_random(arguments);
    load(*multiplexer, values);
    try {
      multiplexer->adopt_loaded_shapes(encoder_width);
    } catch (const DataError& problem) {
      return std::string(problem.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_of({{"muxing_kept_hidden", indices({1, 0, 1, 1, 0, 0, 0, 0})}}, 4),
            "tensor 'muxing_kept_hidden' keeps 3 hidden dimensions, expected 4, the width of the "
            "encoder");
  EXPECT_THAT(error_of({{"muxing_output_scales", at::ones({3})}}, 8),
              HasSubstr("tensor 'muxing_output_scales' has shape [3], expected [8]"));
  EXPECT_THAT(error_of({{"muxing_attention.output.dense.weight", at::ones({3, 3})}}, 8),
              HasSubstr("tensor 'muxing_attention.output.dense.weight' has shape [3, 3], expected "
                        "[8, 10]"));
  EXPECT_THAT(error_of({{"demux_module.dense_1.weight", at::ones({8, 3})}}, 8),
              HasSubstr("tensor 'demux_module.dense_1.weight' has shape [8, 3], expected [8, 8]"));
}

TEST(PruneHiddenArguments, AreChecked) {
  DataMultiplexer multiplexer(small_arguments(2));
  const auto prune = [&](const at::Tensor& kept, std::int64_t num_scales) {
    return [&multiplexer, kept, num_scales] {
      multiplexer.prune_hidden(kept, at::ones({num_scales}));
    };
  };
  EXPECT_THAT(prune(at::empty({0}, at::kLong), 0),
              ThrowsMessage<DataError>(HasSubstr("expected a list of at least one int64 index")));
  EXPECT_THAT(prune(indices({0, 8}), 2),
              ThrowsMessage<DataError>(HasSubstr("run from 0 to 8, expected ascending indices "
                                                 "from 0 to 7")));
  EXPECT_THAT(prune(indices({3, 1}), 2), ThrowsMessage<DataError>(HasSubstr("not ascending")));
  EXPECT_THAT(prune(indices({1, 3}), 3),
              ThrowsMessage<DataError>(HasSubstr("scales have shape [3], expected [2]")));
}

}  // namespace
}  // namespace prumux::datamux

#include <gmock/gmock.h>

#include "prumux/error.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

at::Tensor linear(const DataMultiplexer& multiplexer, const std::string& name,
                  const at::Tensor& x) {
  return at::linear(x, tensor(multiplexer, name + ".weight"), tensor(multiplexer, name + ".bias"));
}

at::Tensor normalised(const DataMultiplexer& multiplexer, const std::string& name,
                      const at::Tensor& x) {
  const at::Tensor centred = x - x.mean(-1, true);
  const at::Tensor variance = centred.pow(2).mean(-1, true);
  return centred / (variance + 1e-12).sqrt() * tensor(multiplexer, name + ".weight") +
         tensor(multiplexer, name + ".bias");
}

/// [key of each instance ; hidden state]: [B, N, L, 2d], as the papers write it.
at::Tensor concatenated(const DataMultiplexer& multiplexer, const at::Tensor& hidden) {
  const at::Tensor keys = tensor(multiplexer, "demux_module.demux_instance_embedding");
  const std::int64_t n = keys.size(0);
  const std::vector<std::int64_t> shape = {hidden.size(0), n, hidden.size(1), hidden.size(2)};
  return at::cat({keys.view({1, n, 1, -1}).expand(shape), hidden.unsqueeze(1).expand(shape)}, 3);
}

/// Spec 4.2, task path.
at::Tensor separated(const DataMultiplexer& multiplexer, const at::Tensor& hidden, int num_layers) {
  at::Tensor z =
      at::gelu(linear(multiplexer, "demux_module.dense_1", concatenated(multiplexer, hidden)));
  for (int j = 2; j < num_layers; ++j) {
    z = at::gelu(linear(multiplexer, "demux_module.dense_" + std::to_string(j), z)) + z;
  }
  return z + normalised(multiplexer, "demultiplexer.pre_decoder_layer_norm",
                        at::gelu(linear(multiplexer, "demultiplexer.pre_decoder", z)));
}

class IndexPositionLayers : public testing::TestWithParam<int> {};

TEST_P(IndexPositionLayers, SeparatesAsTheConcatenatedFormulaDoes) {
  MultiplexerArguments arguments = small_arguments(3);
  arguments.parameters.set("num_hidden_demux_layers", std::int64_t{GetParam()});
  const auto multiplexer = make_random(arguments);
  const at::Tensor hidden = at::randn({2, 4, 8});
  const at::Tensor expected = separated(*multiplexer, hidden, GetParam());
  EXPECT_LT(distance(multiplexer->demux(hidden, at::arange(4)), expected), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Layers, IndexPositionLayers, testing::Values(2, 3, 5));

TEST(IndexPosition, LegacyFormNormalisesTheOnlyLayer) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("legacy_demuxing", true);
  const auto multiplexer = make_random(arguments);
  const at::Tensor hidden = at::randn({2, 4, 8});
  const at::Tensor z = normalised(
      *multiplexer, "demux_module.layer_norm_1",
      at::gelu(linear(*multiplexer, "demux_module.dense_1", concatenated(*multiplexer, hidden))));
  const at::Tensor expected =
      z + normalised(*multiplexer, "demultiplexer.pre_decoder_layer_norm",
                     at::gelu(linear(*multiplexer, "demultiplexer.pre_decoder", z)));
  EXPECT_LT(distance(multiplexer->demux(hidden, at::arange(4)), expected), 1e-5);
}

TEST(IndexPosition, SelectedPositionsEqualThoseOfTheWholeSequence) {
  const auto multiplexer = make_random(small_arguments(3));
  const at::Tensor hidden = at::randn({2, 6, 8});
  const at::Tensor positions = indices({5, 0, 2});
  const at::Tensor all = multiplexer->demux(hidden, at::arange(6));
  EXPECT_LT(distance(multiplexer->demux(hidden, positions), all.index_select(2, positions)), 1e-6);
}

TEST(IndexPosition, OneInstanceIsSeparatedLikeAnyOther) {
  const auto multiplexer = make_random(small_arguments(1));
  const at::Tensor hidden = at::randn({3, 4, 8});
  const at::Tensor output = multiplexer->demux(hidden, at::arange(4));
  EXPECT_LT(distance(output, separated(*multiplexer, hidden, 3)), 1e-5);
}

TEST(IndexPosition, GroupsDoNotInfluenceEachOther) {
  const auto multiplexer = make_random(small_arguments(2));
  const at::Tensor hidden = at::randn({4, 3, 8});
  const at::Tensor order = indices({2, 0, 3, 1});
  const at::Tensor permuted = multiplexer->demux(hidden.index_select(0, order), at::arange(3));
  EXPECT_LT(distance(permuted, multiplexer->demux(hidden, at::arange(3)).index_select(0, order)),
            1e-6);
}

TEST(IndexPosition, VocabularyFeaturesFollowTheFormulaForTheSelectedTokens) {
  const auto multiplexer = make_random(small_arguments(3));
  const at::Tensor hidden = at::randn({2, 4, 8});
  at::Tensor z = concatenated(*multiplexer, hidden);
  for (const std::string layer : {"1", "2"}) {
    z = normalised(*multiplexer, "demux_module.layer_norm_" + layer,
                   at::gelu(linear(*multiplexer, "demux_module.dense_" + layer, z)));
  }
  z = normalised(*multiplexer, "retrieval_head.pre_decoder_layer_norm",
                 at::gelu(linear(*multiplexer, "retrieval_head.pre_decoder", z)));
  // The same token twice, and one position of two instances.
  const TokenSelection selection{indices({1, 0, 0, 1, 1}), indices({2, 0, 1, 2, 0}),
                                 indices({3, 0, 0, 3, 1})};
  const at::Tensor expected = z.index({selection.group, selection.instance, selection.position});
  EXPECT_LT(distance(multiplexer->vocabulary_features(hidden, selection), expected), 1e-5);
}

TEST(IndexPosition, NoSelectedTokensGiveNoFeatures) {
  const auto multiplexer = make_random(small_arguments(2));
  const at::Tensor none = at::empty({0}, at::kLong);
  const at::Tensor features =
      multiplexer->vocabulary_features(at::randn({2, 3, 8}), {none, none, none});
  EXPECT_EQ(features.sizes(), at::IntArrayRef({0, 8}));
}

TEST(IndexPosition, EditedRowsBeginWithTheClassificationToken) {
  const DataMultiplexer multiplexer(small_arguments(2));
  const TokenRows rows{torch::tensor({7, 8, 9, 101, 5, 0}, at::kLong).view({2, 3}),
                       torch::tensor({1, 1, 1, 1, 1, 0}, at::kLong).view({2, 3})};
  const TokenRows edited = multiplexer.edit_tokens(rows);
  EXPECT_TRUE(
      at::equal(edited.input_ids, torch::tensor({101, 8, 9, 101, 5, 0}, at::kLong).view({2, 3})));
  EXPECT_TRUE(at::equal(edited.attention_mask, rows.attention_mask));
  EXPECT_EQ(rows.input_ids[0][0].item<std::int64_t>(), 7) << "the caller's rows changed";
  EXPECT_EQ(multiplexer.prefix_length(), 0);
  EXPECT_EQ(multiplexer.classification_position(), 0);
}

TEST(IndexPosition, DropoutActsInTrainingOnly) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.encoder.hidden_dropout_prob = 0.5;
  const auto multiplexer = make_random(arguments);
  const at::Tensor hidden = at::randn({2, 4, 8});
  const auto output = [&] { return multiplexer->demux(hidden, at::arange(4)); };
  EXPECT_EQ(distance(output(), output()), 0.0);
  multiplexer->train();
  EXPECT_GT(distance(output(), output()), 0.0);
}

TEST(IndexPosition, FreshWeightsAreInitialisedAsTheModelIs) {
  torch::manual_seed(1);
  const DataMultiplexer multiplexer(small_arguments(10, 128));
  EXPECT_NEAR(tensor(multiplexer, "demux_module.demux_instance_embedding").std().item<double>(),
              1.0, 0.1);
  for (const std::string layer : {"demux_module.dense_1", "demux_module.dense_3",
                                  "demultiplexer.pre_decoder", "retrieval_head.pre_decoder"}) {
    EXPECT_NEAR(tensor(multiplexer, layer + ".weight").std().item<double>(), 0.02, 0.001) << layer;
    EXPECT_EQ(tensor(multiplexer, layer + ".bias").abs().max().item<double>(), 0.0) << layer;
  }
}

TEST(IndexPosition, ParametersHaveTheNamesOfReferenceCheckpoints) {
  const DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_THAT(
      multiplexer.named_parameters().keys(),
      UnorderedElementsAre(
          "instance_embedding", "demux_module.demux_instance_embedding",
          "demux_module.dense_1.weight", "demux_module.dense_1.bias", "demux_module.dense_2.weight",
          "demux_module.dense_2.bias", "demux_module.dense_3.weight", "demux_module.dense_3.bias",
          "demux_module.layer_norm_1.weight", "demux_module.layer_norm_1.bias",
          "demux_module.layer_norm_2.weight", "demux_module.layer_norm_2.bias",
          "demux_module.layer_norm_3.weight", "demux_module.layer_norm_3.bias",
          "demultiplexer.pre_decoder.weight", "demultiplexer.pre_decoder.bias",
          "demultiplexer.pre_decoder_layer_norm.weight",
          "demultiplexer.pre_decoder_layer_norm.bias", "retrieval_head.pre_decoder.weight",
          "retrieval_head.pre_decoder.bias", "retrieval_head.pre_decoder_layer_norm.weight",
          "retrieval_head.pre_decoder_layer_norm.bias"));
}

TEST(IndexPosition, SharedLayersAreKnownUnderThreeNames) {
  const DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_THAT(multiplexer.aliases("demux_module.dense_1.weight"),
              ElementsAre("demultiplexer.demux_module.dense_1.weight",
                          "retrieval_head.demux_module.dense_1.weight"));
  EXPECT_THAT(multiplexer.aliases("instance_embedding"), IsEmpty());
}

TEST(IndexPosition, NamesTheShapeOfHiddenStatesThatDoNotFit) {
  DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_THAT(
      [&] {
        multiplexer.demux(at::zeros({1, 4, 7}), indices({0}));
      },
      ThrowsMessage<DataError>("datamux: the hidden states have shape [1, 4, 7], expected "
                               "[groups, positions, 8]"));
}

TEST(IndexPosition, RefusesPositionsOutsideTheSequence) {
  DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_THAT(
      [&] {
        multiplexer.demux(at::zeros({1, 4, 8}), indices({0, 4}));
      },
      ThrowsMessage<DataError>("datamux: positions holds 4, expected values from 0 to 3"));
  EXPECT_THAT(
      [&] {
        multiplexer.vocabulary_features(at::zeros({1, 4, 8}),
                                        {indices({0}), indices({2}), indices({1})});
      },
      ThrowsMessage<DataError>("datamux: selected instances holds 2, expected values from 0 to 1"));
}

}  // namespace
}  // namespace prumux::datamux

#include <gmock/gmock.h>

#include <cmath>

#include "support.h"

namespace prumux::datamux {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

MultiplexerArguments mlp_arguments(std::int64_t num_instances,
                                   const std::string& model_type = "bert") {
  MultiplexerArguments arguments = small_arguments(num_instances);
  arguments.parameters.set("demuxing_variant", std::string("mlp"));
  arguments.encoder.model_type = model_type;
  return arguments;
}

/// norm(gelu(dense(x))).
at::Tensor layer(const DataMultiplexer& multiplexer, const std::string& dense,
                 const std::string& norm, const at::Tensor& x) {
  const at::Tensor y = at::gelu(
      at::linear(x, tensor(multiplexer, dense + ".weight"), tensor(multiplexer, dense + ".bias")));
  const at::Tensor centred = y - y.mean(-1, true);
  return centred / (centred.pow(2).mean(-1, true) + 1e-12).sqrt() *
             tensor(multiplexer, norm + ".weight") +
         tensor(multiplexer, norm + ".bias");
}

TEST(InstanceMlp, SeparatesAsTheFormulaDoes) {
  const auto multiplexer = make_random(mlp_arguments(3));
  const at::Tensor hidden = at::randn({2, 4, 8});
  const at::Tensor separated = multiplexer->demux(hidden, at::arange(4));
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i);
    const at::Tensor own = layer(*multiplexer, "demux_module.dense_" + number,
                                 "demux_module.layer_norm_" + number, hidden);
    const at::Tensor expected =
        layer(*multiplexer, "demultiplexer.dense_before_out_proj", "demultiplexer.layernorm", own);
    EXPECT_LT(distance(separated.select(1, i), expected), 1e-5) << "instance " << i;
  }
}

TEST(InstanceMlp, ReadsWordsWithTheMlpOfTheirInstance) {
  const auto multiplexer = make_random(mlp_arguments(2));
  const at::Tensor hidden = at::randn({2, 4, 8});
  const at::Tensor own =
      layer(*multiplexer, "demux_module.dense_1", "demux_module.layer_norm_1", hidden[1][3]);
  const at::Tensor expected = layer(*multiplexer, "retrieval_head.dense_pre_vocab",
                                    "retrieval_head.layer_norm_pre_vocab", own);
  const at::Tensor features =
      multiplexer->vocabulary_features(hidden, {indices({1}), indices({1}), indices({3})});
  EXPECT_LT(distance(features[0], expected), 1e-5);
}

/// Cosines between what a fresh multiplexer takes out of its own mix of 4 random inputs and those
/// inputs: [4 taken out, 4 put in], the mean over tokens.
at::Tensor recovered(const std::string& muxing_variant, const std::string& start) {
  torch::manual_seed(3);
  MultiplexerArguments arguments = mlp_arguments(4);
  arguments.encoder.hidden_size = 256;
  arguments.parameters.set("muxing_variant", muxing_variant);
  arguments.parameters.set("demux_start", start);
  DataMultiplexer multiplexer(arguments);
  multiplexer.eval();
  const at::Tensor inputs = at::randn({1, 4, 50, 256});
  const at::Tensor mixed = multiplexer.mux(inputs, at::ones({1, 4, 50}, at::kLong));
  const at::Tensor unit_variance = mixed / mixed.std();
  const at::Tensor separated = multiplexer.demux(unit_variance, at::arange(50));
  return at::cosine_similarity(separated[0].unsqueeze(1), inputs[0].unsqueeze(0), 2).mean(2);
}

TEST(InstanceMlp, StartsByTakingEachInputOutOfTheMix) {
  // A matched filter leaves the other three inputs as noise: the cosine is 1 / sqrt(4), less where
  // the vectors are not of constant size; chunks keep a quarter of the input.
  for (const char* variant :
       {"gaussian_hadamard", "binary_hadamard", "random_ortho", "random_ortho_low_rank"}) {
    const at::Tensor cosines = recovered(variant, "unmixing");
    for (std::int64_t i = 0; i < 4; ++i) {
      for (std::int64_t j = 0; j < 4; ++j) {
        const double cosine = cosines[i][j].item<double>();
        if (i == j) {
          EXPECT_GT(cosine, 0.2) << variant << " input " << i;
        } else {
          EXPECT_LT(std::abs(cosine), 0.1) << variant << " input " << i << " against " << j;
        }
      }
    }
    EXPECT_LT(recovered(variant, "random").abs().max().item<double>(), 0.1) << variant;
  }
}

TEST(InstanceMlp, HasTheNamesOfItsCheckpoints) {
  const DataMultiplexer bert(mlp_arguments(2));
  EXPECT_THAT(bert.named_parameters().keys(),
              IsSupersetOf({"demux_module.dense_0.weight", "demux_module.layer_norm_1.bias",
                            "demultiplexer.dense_before_out_proj.weight",
                            "retrieval_head.layer_norm_pre_vocab.weight"}));
  EXPECT_THAT(bert.aliases("demux_module.dense_0.weight"),
              ElementsAre("demultiplexer.demux_module.dense_0.weight",
                          "retrieval_head.demux_module.dense_0.weight"));
}

TEST(InstanceMlpOfARoberta, HasLayersOfItsOwnForEachHead) {
  const DataMultiplexer roberta(mlp_arguments(2, "roberta"));
  EXPECT_THAT(roberta.named_parameters().keys(),
              IsSupersetOf({"demultiplexer.demux_module.dense_0.weight",
                            "retrieval_head.demux_module.dense_0.weight"}));
  EXPECT_THAT(roberta.aliases("demultiplexer.layernorm.weight"),
              ElementsAre("demultiplexer.layernorm_presoftmax.weight"));
}

TEST(InstanceMlpOfARoberta, StaysExactWhenPruned) {
  const auto whole = make_random(mlp_arguments(2, "roberta"));
  const auto pruned = make_random(mlp_arguments(2, "roberta"));
  const at::Tensor kept = indices({1, 4, 6});
  pruned->prune_hidden(kept, at::ones({3}));
  const at::Tensor narrow = at::randn({1, 3, 3});
  const at::Tensor wide = at::zeros({1, 3, 8}).index_copy(2, kept, narrow);
  const TokenSelection selection{indices({0, 0}), indices({1, 0}), indices({2, 0})};
  EXPECT_LT(distance(pruned->demux(narrow, at::arange(3)), whole->demux(wide, at::arange(3))),
            1e-5);
  EXPECT_LT(distance(pruned->vocabulary_features(narrow, selection),
                     whole->vocabulary_features(wide, selection)),
            1e-5);
}

TEST(SpecialTokens, FollowTheKindOfModel) {
  const auto first_of = [](const MultiplexerArguments& arguments) {
    const DataMultiplexer multiplexer(arguments);
    const at::Tensor ids = at::full({2, 3}, 7, at::kLong);
    return multiplexer.edit_tokens({ids, at::ones_like(ids)}).input_ids[1][0].item<std::int64_t>();
  };
  EXPECT_EQ(first_of(mlp_arguments(2)), 101);
  EXPECT_EQ(first_of(mlp_arguments(2, "electra")), 7) << "ELECTRA's rows stay as they are";
  MultiplexerArguments roberta = mlp_arguments(2, "roberta");
  EXPECT_EQ(first_of(roberta), 7) << "this vocabulary lacks the word of DataMUX";
  roberta.encoder.vocab_size = 50265;
  EXPECT_EQ(first_of(roberta), 49923);
  roberta.parameters.set("demuxing_variant", std::string("index_pos"));
  EXPECT_EQ(first_of(roberta), 7);
  roberta.parameters.set("demuxing_variant", std::string("index"));
  EXPECT_EQ(first_of(roberta), 50000);
}

}  // namespace
}  // namespace prumux::datamux

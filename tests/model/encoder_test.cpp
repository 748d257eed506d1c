#include <cmath>

#include "core/model/encoder.h"
#include "prumux/error.h"
#include "support.h"

namespace prumux::model {
namespace {

class ReferenceEncoder : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceEncoder, GivesTheReferencesHiddenStates) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  EXPECT_FALSE(model->physically_pruned());
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.hidden_states = true;
  const EncodedGroups encoded = model->encode(inputs_of(expected), options);
  ASSERT_EQ(encoded.hidden_states.size(),
            static_cast<std::size_t>(model->config().encoder.num_hidden_layers) + 1);
  for (std::size_t index = 0; index < encoded.hidden_states.size(); ++index) {
    const std::string name = "hidden_states." + std::to_string(index);
    EXPECT_LT(distance(encoded.hidden_states[index], expected.at(name)), kGoldenTolerance) << name;
  }
  if (expected.contains("pooler_output") && model->encoder()->has_pooler()) {
    EXPECT_LT(distance(model->encoder()->pool(encoded.hidden_states.back()),
                       expected.at("pooler_output")),
              kGoldenTolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferenceEncoder,
                         testing::Values("enc_bert", "enc_roberta", "enc_electra"));

/// Made by tests/data/golden/make_heads.py.
class HuggingFaceTokenHead : public testing::TestWithParam<std::string> {};

TEST_P(HuggingFaceTokenHead, GivesTheSameLogits) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const at::Tensor tokens = expected.at("attention_mask").to(at::kBool);
  const at::Tensor logits = logits_of(*model, inputs_of(expected));
  ASSERT_EQ(logits.sizes(), expected.at("logits").sizes());
  EXPECT_LT(distance(logits.index({tokens}), expected.at("logits").index({tokens})),
            kGoldenTolerance);
}

TEST_P(HuggingFaceTokenHead, SurvivesSavingAndLoading) {
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const std::shared_ptr<Model> loaded = load_model(folder.path());
  EXPECT_EQ(loaded->config().head, model->config().head);
  loaded->eval();
  const ModelInputs inputs = inputs_of(golden(GetParam()));
  EXPECT_TRUE(logits_of(*loaded, inputs).equal(logits_of(*model, inputs)));
}

TEST_P(HuggingFaceTokenHead, StaysExactWhenPruned) {
  const std::shared_ptr<Model> model = golden_model(GetParam());
  StructureMasks masks;
  masks.hidden = at::ones({16});
  masks.hidden[3] = 0.0;
  masks.hidden[9] = 0.5;
  masks.head = at::tensor({1.0F, 0.0F, 0.7F, 1.0F}).view({2, 2});
  const ModelInputs inputs = inputs_of(golden(GetParam()));
  const at::Tensor masked = logits_of(*model, inputs, &masks);
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  EXPECT_LT(distance(logits_of(*model, inputs), masked), kPruningTolerance);
}

INSTANTIATE_TEST_SUITE_P(Golden, HuggingFaceTokenHead,
                         testing::Values("head_bert_tokens", "head_roberta_tokens",
                                         "head_electra_tokens", "head_electra_discriminator"));

/// Made by tests/data/golden/make_heads.py.
class HuggingFaceMaskedLanguageModel : public testing::TestWithParam<std::string> {};

/// Of every token that is not padding, [M, V].
at::Tensor word_logits(Model& model, const TensorMap& expected) {
  const at::NoGradGuard no_gradient;
  const at::Tensor tokens = expected.at("attention_mask").nonzero();
  TokenSelection selection;
  selection.group = tokens.select(1, 0);
  selection.position = tokens.select(1, 1);
  selection.instance = at::zeros_like(selection.group);
  return model.vocabulary_logits(model.encode(inputs_of(expected), {}), selection);
}

TEST_P(HuggingFaceMaskedLanguageModel, GivesTheSameWords) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const at::Tensor tokens = expected.at("attention_mask").to(at::kBool);
  EXPECT_LT(distance(word_logits(*model, expected), expected.at("logits").index({tokens})),
            kGoldenTolerance);
}

TEST_P(HuggingFaceMaskedLanguageModel, SurvivesSavingAndLoading) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const std::shared_ptr<Model> loaded = load_model(folder.path());
  loaded->eval();
  EXPECT_TRUE(word_logits(*loaded, expected).equal(word_logits(*model, expected)));
}

INSTANTIATE_TEST_SUITE_P(Golden, HuggingFaceMaskedLanguageModel,
                         testing::Values("head_bert_words", "head_roberta_words",
                                         "head_electra_words"));

TEST(TokenHead, ReplacesAClassifierOfRows) {
  const std::shared_ptr<Model> model = golden_model("enc_bert");
  model->reset_classifier(4, {"O", "B-x", "I-x", "B-y"}, HeadKind::token);
  const at::Tensor ids = at::full({2, 5}, 7, at::kLong);
  EXPECT_EQ(logits_of(*model, {ids, {}, {}}).sizes(), at::IntArrayRef({2, 5, 4}));
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const std::shared_ptr<Model> loaded = load_model(folder.path());
  loaded->eval();
  EXPECT_EQ(loaded->config().source.at("architectures")[0], "BertForTokenClassification");
  EXPECT_TRUE(logits_of(*loaded, {ids, {}, {}}).equal(logits_of(*model, {ids, {}, {}})));
}

TEST(TokenHead, IsReplacedByAClassifierOfRowsWithAPooler) {
  const std::shared_ptr<Model> model = golden_model("head_bert_tokens");
  ASSERT_FALSE(model->encoder()->has_pooler());
  at::manual_seed(1);
  model->reset_classifier(2, {});
  EXPECT_TRUE(model->encoder()->has_pooler());
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const std::shared_ptr<Model> loaded = load_model(folder.path());
  loaded->eval();
  const ModelInputs inputs = inputs_of(golden("head_bert_tokens"));
  EXPECT_TRUE(logits_of(*loaded, inputs).equal(logits_of(*model, inputs)));
}

TEST(Encoder, ComputesOnlyTheLeadingPositionsOfTheLastLayerWhenAsked) {
  const TensorMap expected = golden("enc_bert");
  const std::shared_ptr<Model> model = golden_model("enc_bert");
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.last_layer_positions = 2;
  const at::Tensor hidden = model->encode(inputs_of(expected), options).hidden_states.back();
  EXPECT_LT(distance(hidden, expected.at("last_hidden_state").slice(1, 0, 2)), kGoldenTolerance);
}

ModelConfig small_config() {
  ModelConfig config;
  config.encoder.vocab_size = 30;
  config.encoder.hidden_size = 16;
  config.encoder.embedding_size = 16;
  config.encoder.num_hidden_layers = 2;
  config.encoder.num_attention_heads = 4;
  config.encoder.intermediate_size = 24;
  config.encoder.max_position_embeddings = 12;
  return config;
}

TEST(Encoder, GivesThePaddingRowNoGradient) {
  at::manual_seed(1);
  Model model(small_config());
  const at::Tensor ids = at::tensor({2, 3, 0, 4, 0, 0}, at::kLong).view({2, 3});
  model.forward({ids, at::ones_like(ids), {}}).logits.square().sum().backward();
  const at::Tensor gradient = model.encoder()->embeddings().word.grad();
  EXPECT_EQ(gradient[0].abs().sum().item<float>(), 0.0F);
  EXPECT_GT(gradient[2].abs().sum().item<float>(), 0.0F);
}

TEST(Encoder, StartsWithHuggingFacesInitialisation) {
  at::manual_seed(1);
  ModelConfig config = small_config();
  config.encoder.vocab_size = 2000;
  const Model model(config);
  const auto& tables = model.encoder()->embeddings();
  EXPECT_NEAR(tables.word.std().item<double>(), 0.02, 0.0005);
  EXPECT_EQ(tables.word[0].abs().sum().item<float>(), 0.0F);
  EXPECT_TRUE(tables.norm.weight.eq(1).all().item<bool>());
  EXPECT_TRUE(tables.norm.bias.eq(0).all().item<bool>());
  EXPECT_NEAR(model.encoder()->layers()[0].feed_forward->output.weight.std().item<double>(), 0.02,
              0.002);
}

TEST(Encoder, DropsOutInTrainingOnly) {
  at::manual_seed(1);
  Model model(small_config());
  const at::Tensor ids = at::full({2, 5}, 7, at::kLong);
  EXPECT_GT(distance(logits_of(model, {ids, {}, {}}), logits_of(model, {ids, {}, {}})), 0.0);
  model.eval();
  EXPECT_EQ(distance(logits_of(model, {ids, {}, {}}), logits_of(model, {ids, {}, {}})), 0.0);
}

/// Dropout and plain attention are two implementations of the same formula.
TEST(Encoder, AttentionWithDropoutOfAlmostZeroEqualsAttentionWithout) {
  ModelConfig config = small_config();
  config.encoder.hidden_dropout_prob = 0.0;
  config.classifier_dropout = 0.0;
  config.encoder.initializer_range = 0.3;
  at::manual_seed(1);
  config.encoder.attention_probs_dropout_prob = 0.0;
  Model without(config);
  config.encoder.attention_probs_dropout_prob = 1e-12;
  Model with(config);
  with.load_state(without.state());
  const at::Tensor ids = at::randint(30, {3, 7}, at::kLong);
  const at::Tensor mask = at::tensor({7, 4, 2}, at::kLong).unsqueeze(1).gt(at::arange(7));
  const ModelInputs inputs{ids, mask.to(at::kLong), {}};
  EXPECT_LT(distance(logits_of(with, inputs), logits_of(without, inputs)), 1e-6);
}

template <typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Error& problem) {
    return problem.what();
  }
  return "no error";
}

TEST(Encoder, SaysWhichTokenIsNotInTheVocabulary) {
  Model model(small_config());
  const at::Tensor ids = at::tensor({2, 3, 4, 30}, at::kLong).view({2, 2});
  EXPECT_EQ(error_of([&] {
              logits_of(model, {ids, {}, {}});
            }),
            "token id 30 at row 1, position 1 is not in the model, which has 30");
}

TEST(Encoder, SaysThatAnInputIsTooLong) {
  Model model(small_config());
  EXPECT_EQ(error_of([&] {
              logits_of(model, {at::ones({1, 13}, at::kLong), {}, {}});
            }),
            "an input has 13 positions, but the model embeds at most 12; shorten it (prefixes of a "
            "multiplexed model count)");
}

TEST(Encoder, SaysThatTheMaskHasAnotherShape) {
  Model model(small_config());
  EXPECT_EQ(error_of([&] {
              logits_of(model, {at::ones({2, 3}, at::kLong), at::ones({2, 4}, at::kLong), {}});
            }),
            "attention_mask has shape [2, 4], expected [2, 3] as input_ids");
}

}  // namespace
}  // namespace prumux::model

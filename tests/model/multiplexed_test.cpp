#include "core/io/atomic_file.h"
#include "core/model/encoder.h"
#include "hash_weights.h"
#include "support.h"

namespace prumux::model {
namespace {

class ReferenceMultiplexer : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceMultiplexer, GivesTheReferencesNumbers) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  ASSERT_EQ(model->num_instances(), 2);
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.hidden_states = true;
  const ForwardRecord record = model->forward(inputs_of(expected), options);
  for (std::size_t index = 0; index < record.hidden_states.size(); ++index) {
    const std::string name = "hidden_states." + std::to_string(index);
    EXPECT_LT(distance(record.hidden_states[index], expected.at(name)), kGoldenTolerance) << name;
  }
  EXPECT_LT(distance(record.logits, expected.at("logits")), kGoldenTolerance);
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("logits")),
            kGoldenTolerance);
}

TEST_P(ReferenceMultiplexer, CompletesTheLastGroupAndReturnsTheCallersRowsOnly) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const ModelInputs odd = inputs_of(expected, "odd.");
  const at::Tensor& duplicates = expected.at("odd.dup_rows_input_ids");
  const auto extend = [&](const at::Tensor& rows, const at::Tensor& index) {
    return at::cat({rows, rows.index_select(0, index)});
  };
  // The reference draws the rows that fill the group; given those, the numbers are its own.
  const at::Tensor filled =
      logits_of(*model, {extend(odd.input_ids, duplicates),
                         extend(odd.attention_mask, expected.at("odd.dup_rows_attention_mask")),
                         {}});
  EXPECT_LT(distance(filled.slice(0, 0, 5), expected.at("odd.logits")), kGoldenTolerance);

  const at::Tensor by_model = logits_of(*model, odd);
  ASSERT_EQ(by_model.size(0), 5);
  const at::Tensor first = at::zeros({1}, at::kLong);
  const at::Tensor repeated =
      logits_of(*model, {extend(odd.input_ids, first), extend(odd.attention_mask, first), {}});
  EXPECT_EQ(distance(by_model, repeated.slice(0, 0, 5)), 0.0);
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferenceMultiplexer,
                         testing::Values("seq_gh_indexpos_n2", "seq_gh_indexpos_n2_reg",
                                         "seq_gh_index_n2", "seq_gh_mlp_n2",
                                         "seq_ortho_indexpos_n2", "seq_ortholr_indexpos_n2",
                                         "seq_gattn_indexpos_n2", "seq_gattnv2_indexpos_n2"));

TEST_P(ReferenceMultiplexer, GivesTheReferencesEnsemble) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  if (!expected.contains("ens.logits")) return;
  // Each row twice, in the reference's order; then back, and the mean of the two.
  const at::Tensor& order = expected.at("ens.perm");
  const auto repeated = [&](const char* name) {
    return expected.at(name).repeat_interleave(2, 0).index_select(0, order);
  };
  const at::Tensor logits =
      logits_of(*model, {repeated("input_ids"), repeated("attention_mask"), {}});
  const at::Tensor mean =
      at::zeros_like(logits).index_copy(0, order, logits).unflatten(0, {-1, 2}).mean(1);
  EXPECT_LT(distance(mean, expected.at("ens.logits")), kGoldenTolerance);
}

class ReferenceTokenClassifier : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceTokenClassifier, GivesTheReferencesNumbersForEveryTokenButThePrefix) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  ASSERT_EQ(model->config().head, HeadKind::token);
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("logits")),
            kGoldenTolerance);
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferenceTokenClassifier,
                         testing::Values("tok_gh_indexpos_n2", "tok_gh_index_n2",
                                         "tok_gattn_indexpos_n2"));

TEST(Multiplexed, ReadsRetrievedWordsThroughTheTiedDecoder) {
  const TensorMap expected = golden("seq_gh_indexpos_n2");
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  const at::NoGradGuard no_gradient;
  const EncodedGroups encoded = model->encode(inputs_of(expected), {});
  const at::Tensor& labels = expected.at("instance_labels");
  TokenSelection selection;
  selection.group = at::arange(2).repeat_interleave(9);
  selection.position = at::arange(9).repeat({2});
  selection.instance = labels.flatten();
  const at::Tensor logits = model->vocabulary_logits(encoded, selection).view({2, 9, -1});
  EXPECT_LT(distance(logits, expected.at("retrieval_logits")), kGoldenTolerance);
}

class ReferenceMaskedLanguageModel : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceMaskedLanguageModel, ReadsMaskedWords) {
  const TensorMap expected = golden(GetParam());
  const std::shared_ptr<Model> model = golden_model(GetParam());
  const at::NoGradGuard no_gradient;
  // The reference keeps the length of the rows: a prefix pushes their last tokens out.
  const std::int64_t prefix = model->multiplexer()->prefix_length();
  const std::int64_t length = expected.at("input_ids").size(1) - prefix;
  const auto shortened = [&](const char* name) { return expected.at(name).narrow(1, 0, length); };
  const EncodedGroups encoded =
      model->encode({shortened("input_ids"), shortened("attention_mask"), {}}, {});
  const at::Tensor masked = shortened("labels").ne(-100).nonzero();
  TokenSelection selection;
  selection.group = masked.select(1, 0).div(2, "floor");
  selection.instance = masked.select(1, 0).remainder(2);
  selection.position = masked.select(1, 1) + prefix;
  EXPECT_LT(
      distance(model->vocabulary_logits(encoded, selection), expected.at("mlm_logits_masked")),
      kGoldenTolerance);
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferenceMaskedLanguageModel,
                         testing::Values("mlm_gh_indexpos_n2", "mlm_gh_index_n2",
                                         "mlm_gattn_indexpos_n2", "mlm_gattnv2_indexpos_n2",
                                         "mlm_gattnv2nc_indexpos_n2"));

TEST(Multiplexed, ListsTheTiedMatrixOnceUnderTheHeadsName) {
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  int heads = 0;
  int words = 0;
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    heads += name == "retrieval_head.decoder.weight" ? 1 : 0;
    words += name == "bert.embeddings.word_embeddings.weight" ? 1 : 0;
  }
  EXPECT_EQ(heads, 1);
  EXPECT_EQ(words, 0);
}

TEST(Multiplexed, ReferenceCheckpointsAttendToPadding) {
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  EXPECT_EQ(model->config().multiplexer->padding, PaddingSemantics::attended);
}

TEST(Multiplexed, TheWordInFrontOfEveryRowStaysWithTheModel) {
  const at::Tensor ids = at::full({2, 4}, 7, at::kLong);
  const auto first_words = [&](const Model& model) {
    return model.multiplexer()->edit_tokens({ids, at::ones_like(ids)}).input_ids.select(1, 0);
  };
  const std::shared_ptr<Model> reference = golden_model("seq_gh_indexpos_n2");
  EXPECT_TRUE(first_words(*reference).eq(101).all().item<bool>());
  ModelConfig config = reference->config();
  config.multiplexer->cls_token_id = 2;
  const Model model(config);
  const TemporaryFolder folder;
  save_model(model, folder.path());
  EXPECT_TRUE(first_words(model).eq(2).all().item<bool>());
  EXPECT_TRUE(first_words(*load_model(folder.path())).eq(2).all().item<bool>());
}

// They have no requires_grad, by which a training knows them.
TEST(Multiplexed, CheckpointParametersHoldBuffersToo) {
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  StructureMasks masks;
  masks.hidden = at::ones({model->config().encoder.hidden_size});
  masks.hidden[3] = 0.0;
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  TensorMap found;
  std::int64_t buffers = 0;
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    found[name] = tensor;
    elements += tensor.numel();
    for (const auto& buffer : model->multiplexer()->named_buffers()) {
      if (buffer.key() != name) continue;
      EXPECT_FALSE(tensor.requires_grad());
      EXPECT_TRUE(tensor.is_same(buffer.value()));
      buffers += tensor.numel();
    }
  }
  EXPECT_TRUE(found.contains("instance_kept_hidden"));
  EXPECT_GT(buffers, 0);
  EXPECT_EQ(model->parameter_count(), elements - buffers);
}

TEST(Multiplexed, OneOfOursDoesNotSeePadding) {
  ModelConfig config = golden_model("seq_gh_indexpos_n2")->config();
  config.multiplexer->padding = PaddingSemantics::masked;
  at::manual_seed(3);
  config.encoder.initializer_range = 0.3;
  Model model(config);
  model.eval();
  const at::Tensor ids = at::randint(1, 600, {4, 6}, at::kLong);
  ids.select(1, 0).fill_(101);
  const at::Tensor padded = at::cat({ids, at::zeros({4, 3}, at::kLong)}, 1);
  const at::Tensor mask = at::cat({at::ones_like(ids), at::zeros({4, 3}, at::kLong)}, 1);
  EXPECT_LT(distance(logits_of(model, {padded, mask, {}}), logits_of(model, {ids, {}, {}})), 1e-5);
}

TEST(Multiplexed, AConfigurationOfAMultiplexerBesideWeightsWithoutOneIsAPlainModel) {
  EXPECT_FALSE(golden_model("prune_cofi_plain")->config().multiplexer.has_value());
}

/// Of the instances that the reference drew for the positions from `first` on.
double retrieval_loss(Model& model, const TensorMap& expected, std::int64_t first) {
  const at::NoGradGuard no_gradient;
  const EncodedGroups encoded = model.encode(inputs_of(expected), {});
  const at::Tensor& drawn = expected.at("instance_draw");
  TokenSelection selection;
  selection.group = at::arange(2).repeat_interleave(drawn.size(1));
  selection.position = at::arange(first, first + drawn.size(1)).repeat({2});
  selection.instance = drawn.flatten();
  const at::Tensor targets =
      encoded.rows.input_ids.index({selection.group * 2 + selection.instance, selection.position});
  return at::cross_entropy_loss(model.vocabulary_logits(encoded, selection), targets, {}, 1,
                                /*ignore_index=*/model.config().encoder.pad_token_id)
      .item<double>();
}

TEST(Multiplexed, GivesTheReferencesNumbersForElectra) {
  const TensorMap expected = golden("muxplm_electra_indexpos_n2");
  const std::shared_ptr<Model> model = golden_model("muxplm_electra_indexpos_n2");
  EXPECT_EQ(model->num_instances(), 2);
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("logits")),
            kGoldenTolerance);
  EXPECT_NEAR(retrieval_loss(*model, expected, 1), expected.at("retrieval_loss").item<double>(),
              1e-4);
}

/// DataMUX's RoBERTa: the golden file has a hash in the place of weights.
TEST(Multiplexed, GivesTheReferencesNumbersForRoberta) {
  const std::string name = "datamux_roberta_index_n2";
  const nlohmann::json description =
      nlohmann::json::parse(io::read_file(golden_folder(name) / "meta.json"));
  const TemporaryFolder folder;
  io::write_file_atomically(folder.path() / "config.json", description.at("config").dump());
  TensorMap weights;
  for (const nlohmann::json& entry : description.at("names")) {
    const auto shape = entry[1].get<std::vector<std::int64_t>>();
    weights[entry[0]] = golden_weight(entry[0], shape, 0.25, 0.25).to(at::kFloat);
  }
  write_safetensors(folder.path() / "model.safetensors", weights);
  const std::shared_ptr<Model> model = load_model(folder.path());
  model->eval();

  const TensorMap expected = golden(name);
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("logits")),
            kGoldenTolerance);
  // Behind the prefix of three tokens.
  EXPECT_NEAR(retrieval_loss(*model, expected, 3), expected.at("retrieval_loss").item<double>(),
              1e-4);
}

}  // namespace
}  // namespace prumux::model

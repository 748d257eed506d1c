#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/model/safetensors.h"
#include "recognise.h"
#include "support.h"

namespace prumux::datamux {
namespace {

constexpr double kGoldenTolerance = 3e-5;

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

/// Arguments as a host makes them from what `recognise` reads in a config.json.
MultiplexerArguments recognised_arguments(const nlohmann::json& config) {
  std::array<char, 4096> text{};
  if (recognise(config.dump().c_str(), text.data(), text.size()) == 0) {
    throw std::runtime_error("the configuration is not recognised");
  }
  MultiplexerArguments arguments;
  arguments.encoder.hidden_size = config.at("hidden_size");
  arguments.encoder.num_attention_heads = config.at("num_attention_heads");
  arguments.encoder.intermediate_size = config.at("intermediate_size");
  arguments.encoder.vocab_size = config.at("vocab_size");
  arguments.encoder.max_position_embeddings = config.at("max_position_embeddings");
  arguments.num_instances = config.at("num_instances");
  arguments.padding = PaddingSemantics::attended;
  // A default, which a host adds: no checkpoint says how its training began.
  arguments.parameters.set("demux_start", std::string("unmixing"));
  const nlohmann::json parameters = nlohmann::json::parse(text.data());
  for (const auto& [name, value] : parameters.items()) {
    if (value.is_boolean()) {
      arguments.parameters.set(name, value.get<bool>());
    } else if (value.is_number_integer()) {
      arguments.parameters.set(name, value.get<std::int64_t>());
    } else if (value.is_number()) {
      arguments.parameters.set(name, value.get<double>());
    } else {
      arguments.parameters.set(name, value.get<std::string>());
    }
  }
  return arguments;
}

/// Numbers of the reference implementation: see tests/data/golden.
struct Golden {
  explicit Golden(const std::string& name, const std::string& model_folder = "model")
      : folder(std::filesystem::path(PRUMUX_TEST_DATA) / "golden" / name),
        config(read_json(folder / model_folder / "config.json")),
        numbers(model::read_safetensors(folder / "golden.safetensors")),
        weights(model::read_safetensors(folder / model_folder / "model.safetensors")) {}

  const at::Tensor& operator[](const std::string& name) const { return numbers.at(name); }

  /// Rows [B * N, ...] -> [B, N, ...].
  at::Tensor grouped(const std::string& name) const {
    return numbers.at(name).unflatten(0, {-1, config.at("num_instances").get<std::int64_t>()});
  }

  /// A multiplexer with the checkpoint's weights.
  std::shared_ptr<DataMultiplexer> multiplexer() const {
    auto loaded = std::make_shared<DataMultiplexer>(recognised_arguments(config));
    TensorMap values;
    for (const auto& item : loaded->named_parameters()) {
      values[item.key()] = weights.at(item.key());
    }
    load(*loaded, values);
    loaded->adopt_loaded_shapes(weights.at("instance_embedding").size(1));
    loaded->eval();
    return loaded;
  }

  at::Tensor words(const at::Tensor& features) const {
    const auto tied = weights.find("retrieval_head.decoder.weight");
    const at::Tensor& decoder =
        tied != weights.end() ? tied->second : weights.at("bert.embeddings.word_embeddings.weight");
    return at::linear(features, decoder, weights.at("retrieval_head.decoder.bias"));
  }

  std::filesystem::path folder;
  nlohmann::json config;
  TensorMap numbers;
  TensorMap weights;
};

/// One token at every position of every group, of the instance that `labels` [B, L] tells.
TokenSelection every_position(const at::Tensor& labels) {
  const at::Tensor places = at::arange(labels.numel());
  return {places.floor_divide(labels.size(1)), labels.flatten(), places.remainder(labels.size(1))};
}

class ReferenceSequenceClassifier : public testing::TestWithParam<const char*> {
 protected:
  Golden golden_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Variants, ReferenceSequenceClassifier,
                         testing::Values("seq_gh_indexpos_n2", "seq_gh_index_n2", "seq_gh_mlp_n2",
                                         "seq_binary_indexpos_n3", "seq_ortho_indexpos_n2",
                                         "seq_ortholr_indexpos_n2", "seq_gattn_indexpos_n2",
                                         "seq_gattnv2_indexpos_n2"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ReferenceSequenceClassifier, MultiplexesThePassOneEmbeddings) {
  const at::Tensor mixed =
      golden_.multiplexer()->mux(golden_.grouped("emb_pass1"), golden_.grouped("attention_mask"));
  EXPECT_LT(distance(mixed, golden_["mux_output"]), kGoldenTolerance);
}

TEST_P(ReferenceSequenceClassifier, SeparatesTheTokensOfTheDemultiplexedPositions) {
  const at::Tensor expected = golden_.grouped("demux_output");
  const at::Tensor separated =
      golden_.multiplexer()->demux(golden_["sequence_output"], at::arange(expected.size(2)));
  EXPECT_LT(distance(separated, expected), kGoldenTolerance);
}

TEST_P(ReferenceSequenceClassifier, ReadsTheClassificationPosition) {
  const auto multiplexer = golden_.multiplexer();
  const at::Tensor features = multiplexer->demux(golden_["sequence_output"],
                                                 indices({multiplexer->classification_position()}));
  const at::Tensor logits = at::linear(features.squeeze(2), golden_.weights.at("classifier.weight"),
                                       golden_.weights.at("classifier.bias"));
  EXPECT_LT(distance(logits, golden_.grouped("logits")), kGoldenTolerance);
}

TEST_P(ReferenceSequenceClassifier, RetrievesTheTokens) {
  const at::Tensor features = golden_.multiplexer()->vocabulary_features(
      golden_["sequence_output"], every_position(golden_["instance_labels"]));
  EXPECT_LT(distance(golden_.words(features), golden_["retrieval_logits"].flatten(0, 1)),
            kGoldenTolerance);
}

TEST(ReferenceBinaryVectors, AreThoseThatAFreshModelHas) {
  const Golden golden("seq_binary_indexpos_n3");
  const DataMultiplexer fresh(recognised_arguments(golden.config));
  EXPECT_EQ(distance(tensor(fresh, "instance_embedding"), golden.weights.at("instance_embedding")),
            0.0);
}

class ReferenceTokenClassifier : public testing::TestWithParam<const char*> {
 protected:
  Golden golden_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Variants, ReferenceTokenClassifier,
                         testing::Values("tok_gh_indexpos_n2", "tok_gh_index_n2",
                                         "tok_gattn_indexpos_n2"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ReferenceTokenClassifier, MultiplexesThePassOneEmbeddings) {
  const at::Tensor mixed =
      golden_.multiplexer()->mux(golden_.grouped("emb_pass1"), golden_.grouped("attention_mask"));
  EXPECT_LT(distance(mixed, golden_["mux_output"]), kGoldenTolerance);
}

TEST_P(ReferenceTokenClassifier, SeparatesEveryToken) {
  const at::Tensor expected = golden_.grouped("demux_output");
  const at::Tensor separated =
      golden_.multiplexer()->demux(golden_["sequence_output"], at::arange(expected.size(2)));
  EXPECT_LT(distance(separated, expected), kGoldenTolerance);
}

class ReferenceMaskedLanguageModel : public testing::TestWithParam<const char*> {
 protected:
  Golden golden_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Variants, ReferenceMaskedLanguageModel,
                         testing::Values("mlm_gh_indexpos_n2", "mlm_gh_index_n2",
                                         "mlm_gattn_indexpos_n2", "mlm_gattnv2_indexpos_n2",
                                         "mlm_gattnv2nc_indexpos_n2"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ReferenceMaskedLanguageModel, MultiplexesThePassOneEmbeddings) {
  const at::Tensor mixed =
      golden_.multiplexer()->mux(golden_.grouped("emb_pass1"), golden_.grouped("attention_mask"));
  EXPECT_LT(distance(mixed, golden_["mux_output"]), kGoldenTolerance);
}

TEST_P(ReferenceMaskedLanguageModel, ReadsTheMaskedTokens) {
  const auto multiplexer = golden_.multiplexer();
  // The reference shifts the labels behind the prefix, and drops those that leave the row.
  const std::int64_t prefix = multiplexer->prefix_length();
  const at::Tensor labels = golden_.grouped("labels");
  const auto places = labels.narrow(2, 0, labels.size(2) - prefix).ne(-100).nonzero().unbind(1);
  const at::Tensor features = multiplexer->vocabulary_features(
      golden_["sequence_output"], {places[0], places[1], places[2] + prefix});
  EXPECT_LT(distance(golden_.words(features), golden_["mlm_logits_masked"]), kGoldenTolerance);
}

TEST_P(ReferenceMaskedLanguageModel, RetrievesTheTokens) {
  const at::Tensor features = golden_.multiplexer()->vocabulary_features(
      golden_["sequence_output"], every_position(golden_["instance_labels"]));
  const at::Tensor expected = golden_["retrieval_logits"].flatten(0, 1);
  EXPECT_LT(distance(golden_.words(features).narrow(1, 0, expected.size(1)), expected),
            kGoldenTolerance);
}

TEST(ReferencePrunedModel, MultiplexesNarrowEmbeddings) {
  const Golden golden("prune_mux_n2", "pruned");
  const at::Tensor mixed = golden.multiplexer()->mux(golden.grouped("pruned.emb_pass1"), {});
  EXPECT_LT(distance(mixed, golden["pruned.mux_output"]), kGoldenTolerance);
}

TEST(ReferencePrunedModel, SeparatesNarrowHiddenStates) {
  const Golden golden("prune_mux_n2", "pruned");
  const at::Tensor separated =
      golden.multiplexer()->demux(golden["pruned.sequence_output"], indices({0}));
  EXPECT_LT(distance(separated, golden.grouped("pruned.demux_output")), kGoldenTolerance);
}

TEST(ReferenceMaskedModel, EqualsTheLosslesslyPrunedOne) {
  const Golden golden("prune_mux_n2");
  const at::Tensor mask = model::read_safetensors(golden.folder / "zs.safetensors").at("hidden_z");
  const at::Tensor kept = mask.nonzero().squeeze(1);
  const auto multiplexer = golden.multiplexer();
  multiplexer->prune_hidden(kept, mask.index_select(0, kept));

  const at::Tensor mixed = multiplexer->mux(golden.grouped("masked.emb_pass1"), {});
  EXPECT_LT(distance(mixed, (golden["masked.mux_output"] * mask).index_select(2, kept)),
            kGoldenTolerance);
  const at::Tensor separated =
      multiplexer->demux(golden["masked.sequence_output"].index_select(2, kept), indices({0}));
  EXPECT_LT(distance(separated, golden.grouped("masked.demux_output")), kGoldenTolerance);
}

}  // namespace
}  // namespace prumux::datamux

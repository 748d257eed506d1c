#include <fstream>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "core/model/encoder.h"
#include "prumux/error.h"
#include "support.h"

namespace prumux::model {
namespace {

using nlohmann::json;

json config_of(const std::filesystem::path& folder) {
  return json::parse(io::read_file(folder / "config.json"));
}

/// A copy of the plain golden model with another config.json or tensors.
class ChangedModel {
 public:
  ChangedModel()
      : config_(config_of(golden_folder("enc_bert") / "model")),
        tensors_(read_safetensors(golden_folder("enc_bert") / "model" / "model.safetensors")) {}

  json& config() { return config_; }
  TensorMap& tensors() { return tensors_; }

  std::string error() {
    write_safetensors(folder_.path() / "model.safetensors", tensors_);
    std::ofstream(folder_.path() / "config.json") << config_.dump();
    try {
      load_model(folder_.path());
    } catch (const Error& problem) {
      std::string text = problem.what();
      const std::string path = folder_.path().string();
      for (std::size_t found = 0; (found = text.find(path)) != std::string::npos;) {
        text.replace(found, path.size(), "DIR");
      }
      return text;
    }
    return "no error";
  }

 private:
  TemporaryFolder folder_;
  json config_;
  TensorMap tensors_;
};

TEST(Checkpoint, EveryKindSurvivesARoundTripBitByBit) {
  for (const auto& [name, part] :
       std::vector<std::pair<std::string, std::string>>{{"enc_bert", "model"},
                                                        {"enc_roberta", "model"},
                                                        {"enc_electra", "model"},
                                                        {"seq_gh_indexpos_n2", "model"},
                                                        {"seq_gh_indexpos_n2_reg", "model"},
                                                        {"mlm_gh_indexpos_n2", "model"},
                                                        {"prune_mux_n2", "pruned"},
                                                        {"prune_mux_n2_issue36_heads", "pruned"},
                                                        {"prune_cofi_plain", "pruned"}}) {
    const std::shared_ptr<Model> model = golden_model(name, part);
    TemporaryFolder folder;
    save_model(*model, folder.path());
    const std::shared_ptr<Model> loaded = load_model(folder.path());
    const TensorMap before = model->state();
    const TensorMap after = loaded->state();
    ASSERT_EQ(before.size(), after.size()) << name;
    for (const auto& [tensor_name, tensor] : before) {
      EXPECT_TRUE(after.at(tensor_name).equal(tensor)) << name << " " << tensor_name;
    }
    EXPECT_EQ(loaded->num_instances(), model->num_instances()) << name;
    if (model->multiplexer()) {
      EXPECT_EQ(loaded->multiplexer()->padding(), model->multiplexer()->padding()) << name;
    }
  }
}

TEST(Checkpoint, KeepsTheNamesOfTheReferences) {
  TemporaryFolder folder;
  save_model(*golden_model("seq_gh_indexpos_n2"), folder.path());
  const TensorMap reference =
      read_safetensors(golden_folder("seq_gh_indexpos_n2") / "model" / "model.safetensors");
  for (const auto& [name, tensor] : read_safetensors(folder.path() / "model.safetensors")) {
    ASSERT_TRUE(reference.contains(name)) << name;
    EXPECT_TRUE(reference.at(name).equal(tensor)) << name;
  }
}

TEST(Checkpoint, UnknownFieldsOfConfigSurvive) {
  TemporaryFolder folder;
  save_model(*golden_model("prune_mux_n2", "pruned"), folder.path());
  const json before = config_of(golden_folder("prune_mux_n2") / "pruned");
  const json after = config_of(folder.path());
  for (const auto& [name, value] : before.items()) {
    if (name == "label2id" || name == "id2label") continue;
    EXPECT_TRUE(after.contains(name)) << name;
  }
  EXPECT_EQ(after["pruned_heads"], before["pruned_heads"]);
  EXPECT_EQ(after["transformers_version"], before["transformers_version"]);
  EXPECT_EQ(after["muxing_variant"], before["muxing_variant"]);
}

TEST(Checkpoint, PruningRecordsTheRemovedHeadsAsTheReferenceDoes) {
  const std::shared_ptr<Model> model = golden_model("prune_mux_n2");
  const StructureMasks masks =
      read_masks(golden_folder("prune_mux_n2") / "zs.safetensors", model->config().encoder);
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  json expected = config_of(golden_folder("prune_mux_n2") / "pruned")["pruned_heads"];
  for (auto entry = expected.begin(); entry != expected.end();) {
    entry = entry->empty() ? expected.erase(entry) : std::next(entry);
  }
  EXPECT_EQ(model->config().source["pruned_heads"], expected);
}

TEST(Checkpoint, OldNamesOfLayerNormsAreRead) {
  ChangedModel changed;
  TensorMap renamed;
  for (const auto& [name, tensor] : changed.tensors()) {
    std::string old_name = name;
    if (const auto found = name.find("LayerNorm.weight"); found != std::string::npos) {
      old_name = name.substr(0, found) + "LayerNorm.gamma";
    } else if (const auto bias = name.find("LayerNorm.bias"); bias != std::string::npos) {
      old_name = name.substr(0, bias) + "LayerNorm.beta";
    }
    renamed[old_name] = tensor;
  }
  changed.tensors() = renamed;
  EXPECT_EQ(changed.error(), "no error");
}

TEST(Checkpoint, LoadingEqualShapesKeepsTheHandles) {
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  const NamedTensors before = model->checkpoint_parameters();
  model->load_state(model->state());
  const NamedTensors after = model->checkpoint_parameters();
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t index = 0; index < before.size(); ++index) {
    EXPECT_TRUE(before[index].second.is_same(after[index].second)) << before[index].first;
  }
}

TEST(Checkpoint, AFreshClassifierIsReportedByName) {
  const std::shared_ptr<Model> model = golden_model("enc_bert");
  TensorMap state = model->state();
  state.erase("classifier.weight");
  EXPECT_EQ(model->load_state(state), std::vector<std::string>{"classifier.weight"});
}

TEST(Checkpoint, ResetClassifierTakesAnotherNumberOfLabels) {
  const std::shared_ptr<Model> model = golden_model("seq_gh_indexpos_n2");
  model->reset_classifier(5, {"a", "b", "c", "d", "e"});
  EXPECT_EQ(logits_of(*model, inputs_of(golden("seq_gh_indexpos_n2"))).size(1), 5);
  TemporaryFolder folder;
  save_model(*model, folder.path());
  EXPECT_EQ(ModelConfig::load(folder.path()).label_names,
            (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST(Checkpoint, SaysWhichTensorIsMissing) {
  ChangedModel changed;
  changed.tensors().erase("encoder.layer.1.attention.self.key.bias");
  EXPECT_EQ(changed.error(),
            "model 'DIR': tensor 'bert.encoder.layer.1.attention.self.key.bias' is missing; "
            "config.json demands it. Are the weights complete, and does config.json belong to "
            "them?");
}

TEST(Checkpoint, MoreLayersThanTheWeightsHaveIsAnError) {
  ChangedModel changed;
  changed.config()["num_hidden_layers"] = 4;
  EXPECT_EQ(changed.error().substr(0, 80),
            "model 'DIR': tensor 'bert.encoder.layer.3.attention.output.LayerNorm.weight' is ");
}

TEST(Checkpoint, LayersBeyondAllMemoryAreAnError) {
  ChangedModel changed;
  changed.config()["num_hidden_layers"] = 2000000000;
  EXPECT_EQ(changed.error().substr(0, 80),
            "model 'DIR': tensor 'bert.encoder.layer.3.attention.output.LayerNorm.weight' is ");
}

TEST(Checkpoint, SaysWhichShapeIsWrong) {
  ChangedModel changed;
  changed.tensors()["encoder.layer.0.intermediate.dense.bias"] = at::zeros({63});
  EXPECT_EQ(changed.error(),
            "model 'DIR': tensor 'bert.encoder.layer.0.intermediate.dense.bias' has shape [63], "
            "expected [64]; does config.json belong to these weights?");
}

TEST(Checkpoint, HeadsThatAreCutInTwoAreAnError) {
  ChangedModel changed;
  for (const char* part : {"query", "key", "value"}) {
    const std::string name = std::string("encoder.layer.0.attention.self.") + part;
    changed.tensors()[name + ".weight"] = at::zeros({12, 32});
    changed.tensors()[name + ".bias"] = at::zeros({12});
  }
  EXPECT_EQ(changed.error(),
            "model 'DIR': tensor 'bert.encoder.layer.0.attention.self.query.weight' has shape "
            "[12, 32], expected a multiple of 8 rows (the size of a head); does config.json belong "
            "to these weights?");
}

TEST(Checkpoint, IntegerWeightsAreAnError) {
  ChangedModel changed;
  changed.tensors()["pooler.dense.bias"] = at::zeros({32}, at::kLong);
  EXPECT_EQ(changed.error(),
            "model 'DIR': tensor 'bert.pooler.dense.bias' has the type Long, expected "
            "floating-point numbers");
}

TEST(Checkpoint, HalfPrecisionWeightsAreReadAsFloat) {
  ChangedModel changed;
  for (auto& entry : changed.tensors()) {
    if (entry.second.is_floating_point()) entry.second = entry.second.to(at::kHalf);
  }
  EXPECT_EQ(changed.error(), "no error");
}

TEST(Config, SaysWhichFieldIsWrong) {
  const auto error_with = [](const std::string& field, const json& value) {
    ChangedModel changed;
    changed.config()[field] = value;
    return changed.error();
  };
  EXPECT_EQ(error_with("hidden_size", "wide"),
            "'DIR/config.json': field 'hidden_size' is \"wide\", expected an integer from 1 to "
            "2147483647");
  EXPECT_EQ(error_with("num_attention_heads", 5),
            "'DIR/config.json': field 'num_attention_heads' is 5, expected a divisor of "
            "hidden_size, which is 32");
  EXPECT_EQ(error_with("model_type", "gpt2"),
            "'DIR/config.json': field 'model_type' is \"gpt2\", expected 'bert', 'roberta' or "
            "'electra'");
  EXPECT_EQ(error_with("hidden_act", "relu"),
            "'DIR/config.json': field 'hidden_act' is \"relu\", expected 'gelu'");
  EXPECT_EQ(error_with("hidden_dropout_prob", 1.5),
            "'DIR/config.json': field 'hidden_dropout_prob' is 1.5, expected a number from 0 to 1");
  EXPECT_EQ(error_with("id2label", json::object({{"1", "x"}})),
            "'DIR/config.json': field 'id2label' is {\"1\":\"x\"}, expected an object {\"0\": "
            "\"name\", \"1\": \"name\", ...} without gaps");
  EXPECT_EQ(error_with("prumux", "x"),
            "'DIR/config.json': field 'prumux' is \"x\", expected an object");
}

TEST(Config, WhatIsNoJsonIsAnError) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "config.json") << "{";
  EXPECT_THROW(load_model(folder.path()), DataError);
  EXPECT_THROW(load_model(folder.path() / "nowhere"), IoError);
}

TEST(Config, AFieldThatIsNestedTooDeepIsAnError) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "config.json")
      << R"({"x":)" << std::string(200000, '[') << std::string(200000, ']') << "}";
  try {
    load_model(folder.path());
    FAIL() << "no error";
  } catch (const DataError& problem) {
    EXPECT_EQ(problem.what(), "'" + (folder.path() / "config.json").string() +
                                  "' is no JSON: it is nested deeper than 64 levels");
  }
}

TEST(Config, NamesTheClassThatTheModelIs) {
  const auto written = [](const json& architectures, HeadKind head) {
    ModelConfig config;
    config.source["architectures"] = architectures;
    config.head = head;
    return config.to_json().at("architectures");
  };
  EXPECT_EQ(written({"BertForMaskedLM"}, HeadKind::sequence),
            json({"BertForSequenceClassification"}));
  EXPECT_EQ(written({"ElectraForTokenClassification"}, HeadKind::token),
            json({"BertForTokenClassification"}));
  EXPECT_EQ(written(nullptr, HeadKind::sequence), json({"BertForSequenceClassification"}));
}

TEST(Config, ASizeThatNoMachineHoldsIsAnError) {
  ChangedModel changed;
  changed.config()["hidden_size"] = 2147483644;
  EXPECT_EQ(
      changed.error(),
      "model 'DIR': config.json asks for 4.61e+18 numbers outside of the layers, but the weights "
      "hold 5.02e+04; does config.json belong to these weights?");
}

}  // namespace
}  // namespace prumux::model

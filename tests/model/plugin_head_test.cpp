#include "core/model/plugin_head.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/utils.h>

#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "core/model/export.h"
#include "core/model/model.h"
#include "core/onnx/export.h"
#include "core/plugin/registry.h"
#include "core/runtime/engine.h"
#include "prumux/error.h"
#include "tests/model/support.h"
#include "tests/support/error_of.h"

namespace prumux::model {
namespace {

using test::error_of;
using testing::HasSubstr;

/// The head `mean` of the guide: a linear layer on the mean of the tokens.
class PluginHeadTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    plugin::Registry::instance().set_extra_search_path({PRUMUX_GUIDE_PLUGINS});
  }

  static HeadMethod mean() {
    HeadMethod method{"mean", {}};
    method.parameters.set("dropout", 0.1);
    return method;
  }

  static std::shared_ptr<Model> make(std::int64_t instances = 1) {
    torch::manual_seed(3);
    ModelConfig config;
    config.encoder.vocab_size = 50;
    config.encoder.hidden_size = 16;
    config.encoder.embedding_size = 16;
    config.encoder.num_hidden_layers = 2;
    config.encoder.num_attention_heads = 2;
    config.encoder.intermediate_size = 20;
    config.encoder.max_position_embeddings = 16;
    config.encoder.initializer_range = 0.3;
    config.head_method = mean();
    config.num_labels = 3;
    if (instances > 1) {
      const plugin::Method& method =
          plugin::Registry::instance().find(PRUMUX_MULTIPLEXER, "datamux");
      config.multiplexer = MultiplexerConfig{
          "datamux", instances, PaddingSemantics::masked,
          plugin::parse_parameters(*method.descriptor,
                                   std::vector<std::pair<std::string, std::string>>{})};
    }
    auto model = std::make_shared<Model>(config);
    model->eval();
    return model;
  }

  /// Six rows of 5, 4, 3, 5, 4 and 3 tokens.
  static ModelInputs inputs() {
    const at::Tensor row = at::arange(6).unsqueeze(1);
    const at::Tensor position = at::arange(5).unsqueeze(0);
    const at::Tensor mask = position.lt(5 - row.remainder(3)).to(at::kLong);
    return {(row * 7 + position * 3 + 5).remainder(50) * mask, mask, {}};
  }

  static at::Tensor logits(Model& model, const StructureMasks* masks = nullptr) {
    return logits_of(model, inputs(), masks);
  }

  /// The formula, from the model's own hidden states. `kept`: which of the weight's columns those
  /// are for.
  static at::Tensor by_hand(Model& model, const at::Tensor& kept = at::arange(16)) {
    const at::NoGradGuard no_gradient;
    const at::Tensor features = model.token_features(model.encode(inputs(), {}));
    const at::Tensor mask = inputs().attention_mask.unsqueeze(2).to(at::kFloat);
    const TensorMap state = model.state();
    return at::linear((features * mask).sum(1) / mask.sum(1),
                      state.at("head.weight").index_select(1, kept), state.at("head.bias"));
  }
};

TEST_F(PluginHeadTest, AnswersFromTheTokensOfEachText) {
  for (const std::int64_t instances : {1, 2, 3}) {
    const auto model = make(instances);
    EXPECT_EQ(logits(*model).sizes(), at::IntArrayRef({6, 3}));
    EXPECT_LT(distance(logits(*model), by_hand(*model)), 1e-6) << instances;
  }
}

TEST_F(PluginHeadTest, TheEngineGivesTheSameLogits) {
  for (const std::int64_t instances : {1, 3}) {
    const auto model = make(instances);
    const ModelInputs rows = inputs();
    std::vector<text::Encoding> encodings(6);
    for (std::int64_t row = 0; row < 6; ++row) {
      const auto length = rows.attention_mask[row].sum().item<std::int64_t>();
      for (std::int64_t i = 0; i < length; ++i) {
        encodings[row].ids.push_back(
            static_cast<text::TokenId>(rows.input_ids[row][i].item<std::int64_t>()));
        encodings[row].type_ids.push_back(0);
      }
    }
    runtime::EngineOptions options;
    options.isolate = true;
    const runtime::Engine engine(model, options);
    const at::Tensor found = engine.logits(runtime::EncodedRows(encodings, 0));
    ASSERT_EQ(found.sizes(), at::IntArrayRef({6, 3}));
    if (instances == 1) {
      EXPECT_LT(distance(found, logits(*model)), 1e-5);
    }
    EXPECT_EQ(engine.logits(runtime::EncodedRows({}, 0)).sizes(), at::IntArrayRef({0, 3}));
    EXPECT_THAT(error_of<ConfigError>([&] { engine.seconds_per_part(); }),
                HasSubstr("the head of a plugin runs on libtorch"));
    options.precision = runtime::Precision::int8;
    EXPECT_THAT(error_of<ConfigError>([&] { runtime::Engine(model, options); }),
                HasSubstr("in float32 or bfloat16, not in int8"));
  }
}

TEST_F(PluginHeadTest, APrunedModelAnswersAsTheMaskedOne) {
  for (const std::int64_t instances : {1, 2}) {
    const auto model = make(instances);
    StructureMasks masks;
    masks.hidden = at::linspace(0.5, 1.0, 16);
    masks.hidden.index_put_({at::tensor({0, 5, 6, 15})}, 0.0);
    const at::Tensor masked = logits(*model, &masks);
    model->prune(PrunePlan::from_masks(masks, model->config().encoder));
    EXPECT_LT(distance(logits(*model), masked), 1e-5) << instances;

    // Once more, in the numbering of what is left.
    PrunePlan plan = PrunePlan::from_masks({}, model->config().encoder);
    plan.hidden = {0, 2, 3, 5, 6, 7, 8, 9, 10, 11};
    plan.hidden_scales.assign(10, 1.0);
    model->prune(plan);
    const TemporaryFolder folder;
    save_model(*model, folder.path());
    const auto loaded = load_model(folder.path());
    loaded->eval();
    EXPECT_TRUE(at::equal(logits(*loaded), logits(*model))) << instances;
    const at::Tensor kept = at::tensor({1, 3, 4, 8, 9, 10, 11, 12, 13, 14}, at::kLong);
    EXPECT_LT(distance(logits(*model), instances == 1 ? by_hand(*model, kept) : by_hand(*model)),
              1e-5);
  }
}

TEST_F(PluginHeadTest, StaysWithTheModelAndItsParametersToo) {
  const auto model = make();
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const auto config = nlohmann::json::parse(io::read_file(folder.path() / "config.json"));
  EXPECT_EQ(config["prumux"]["head"]["method"], "mean");
  EXPECT_EQ(config["prumux"]["head"]["parameters"]["dropout"], 0.1);
  const auto loaded = load_model(folder.path());
  EXPECT_TRUE(loaded->config().head_method == model->config().head_method);
  loaded->reset_classifier(2, {}, HeadKind::sequence);
  EXPECT_EQ(loaded->plugin_head(), nullptr);
  EXPECT_FALSE(loaded->state().contains("head.weight"));
  save_model(*loaded, folder.path());
  EXPECT_FALSE(
      nlohmann::json::parse(io::read_file(folder.path() / "config.json")).contains("prumux"));
  loaded->eval();
  const auto usual = load_model(folder.path());
  usual->eval();
  EXPECT_TRUE(at::equal(logits(*usual), logits(*loaded)));
}

TEST_F(PluginHeadTest, OtherProgramsHaveNoFormForIt) {
  const auto model = make();
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<DataError>([&] { save_hugging_face(*model, folder.path()); }),
              HasSubstr("code of a plugin"));
  EXPECT_THAT(error_of<DataError>([&] { onnx::save_onnx(*model, folder.path()); }),
              HasSubstr("code of a plugin"));
}

TEST_F(PluginHeadTest, ADamagedCheckpointIsRefused) {
  const auto model = make();
  StructureMasks masks;
  masks.hidden = at::ones({16});
  masks.hidden[3] = 0.0;
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  TensorMap state = model->state();
  state["head_features.kept"] = at::arange(1, 16).add_(1);
  EXPECT_THAT(error_of<DataError>([&] { model->load_state(state); }),
              HasSubstr("'head_features.kept': expected ascending dimensions of 0 to 15"));
  state = model->state();
  state["head.weight"] = at::ones({3, 15});
  EXPECT_THAT(error_of<DataError>([&] { model->load_state(state); }), HasSubstr("head.weight"));
}

}  // namespace
}  // namespace prumux::model

#include "core/runtime/teacher_pass.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <memory>
#include <string>

#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"
#include "golden.h"
#include "tests/support/distance.h"

namespace prumux::runtime {
namespace {

struct Kind {
  std::int64_t instances = 1;
  PaddingSemantics padding = PaddingSemantics::masked;
  std::string demuxing_variant = "index_pos";
};

std::shared_ptr<model::Model> random_model(const Kind& kind) {
  model::ModelConfig config;
  config.encoder.vocab_size = 700;
  config.encoder.hidden_size = config.encoder.embedding_size = 48;
  config.encoder.num_hidden_layers = 3;
  config.encoder.num_attention_heads = 3;
  config.encoder.intermediate_size = 80;
  config.encoder.max_position_embeddings = 24;
  if (kind.instances > 1) {
    plugin::Registry& registry = plugin::Registry::instance();
    config.multiplexer.emplace();
    config.multiplexer->method = "datamux";
    config.multiplexer->num_instances = kind.instances;
    config.multiplexer->padding = kind.padding;
    config.multiplexer->parameters =
        plugin::parse_parameters(*registry.find(PRUMUX_MULTIPLEXER, "datamux").descriptor,
                                 {{"demuxing_variant", kind.demuxing_variant}});
  }
  torch::manual_seed(11);
  auto model = std::make_shared<model::Model>(config);
  model->eval();
  return model;
}

/// Seven rows of 3 to 13 tokens, the longest neither first nor last; the second text of some.
text::Batch uneven_batch() {
  text::Batch batch;
  batch.input_ids = at::randint(5, 600, {7, 13}, at::kLong);
  const at::Tensor lengths = at::tensor({5, 3, 9, 13, 4, 12, 6}, at::kLong).unsqueeze(1);
  const at::Tensor positions = at::arange(13).unsqueeze(0);
  batch.attention_mask = positions.lt(lengths).to(at::kLong);
  batch.input_ids = batch.input_ids * batch.attention_mask;
  batch.token_type_ids = positions.ge(lengths - 2).to(at::kLong) * batch.attention_mask;
  return batch;
}

class TeacherPassOf : public testing::TestWithParam<Kind> {};

TEST_P(TeacherPassOf, GivesWhatTheForwardPassGivesAtEveryPosition) {
  const auto model = random_model(GetParam());
  ASSERT_TRUE(TeacherPass::can_run(*model));
  const text::Batch batch = uneven_batch();
  const at::NoGradGuard no_gradient;
  for (const bool hidden_states : {true, false}) {
    model::ForwardOptions needed;
    needed.hidden_states = hidden_states;
    const ForwardRecord expected =
        model->forward({batch.input_ids, batch.attention_mask, batch.token_type_ids}, needed);
    for (const std::int64_t threads : {1, 3}) {
      EngineOptions options;
      options.threads = threads;
      const ForwardRecord result = TeacherPass(model, options)(batch, hidden_states);
      EXPECT_LT(test::distance(result.logits, expected.logits), kTolerance);
      ASSERT_EQ(result.hidden_states.size(), expected.hidden_states.size());
      for (std::size_t layer = 0; layer < expected.hidden_states.size(); ++layer) {
        EXPECT_LT(test::distance(result.hidden_states[layer], expected.hidden_states[layer]),
                  kTolerance)
            << "layer " << layer << ", " << threads << " threads";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TeacherPassOf,
                         testing::Values(Kind{1}, Kind{3}, Kind{3, PaddingSemantics::attended},
                                         Kind{2, PaddingSemantics::masked, "index"},
                                         Kind{2, PaddingSemantics::masked, "mlp"},
                                         Kind{10, PaddingSemantics::masked, "mlp"}));

TEST(TeacherPass, CannotRunWhatClassifiesTokens) {
  EXPECT_FALSE(TeacherPass::can_run(*golden_model("head_bert_tokens")));
}

}  // namespace
}  // namespace prumux::runtime

#include "core/runtime/token_states.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/model/safetensors.h"
#include "golden.h"
#include "prumux/error.h"
#include "tests/support/distance.h"

namespace prumux::runtime {
namespace {

EngineOptions on_threads(std::int64_t threads) {
  EngineOptions options;
  options.threads = threads;
  return options;
}

class TokenStatesOf : public testing::TestWithParam<const char*> {};

TEST_P(TokenStatesOf, AreTheReferencesOfTheTokensAlone) {
  const std::string name = GetParam();
  const TensorMap golden = model::read_safetensors(golden_folder(name) / "golden.safetensors");
  const text::Batch batch{
      golden.at("input_ids"), golden.at("attention_mask"), golden.at("token_type_ids"), {}};
  const at::Tensor tokens = batch.attention_mask.to(at::kBool);
  const at::Tensor expected = golden.at("last_hidden_state").index({tokens});
  for (const std::int64_t threads : {1, 2}) {
    const TokenStates states(golden_model(name), on_threads(threads));
    EXPECT_EQ(states.width(), expected.size(1));
    EXPECT_LT(test::distance(states(batch), expected), kTolerance) << threads << " threads";
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, TokenStatesOf,
                         testing::Values("enc_bert", "enc_roberta", "enc_electra"));

TEST(TokenStates, CareForNoHead) {
  const auto model = golden_model("head_bert_tokens");
  const TensorMap golden =
      model::read_safetensors(golden_folder("head_bert_tokens") / "golden.safetensors");
  const text::Batch batch{golden.at("input_ids"), golden.at("attention_mask"), {}, {}};
  const at::NoGradGuard no_gradient;
  const at::Tensor expected = model->encode({batch.input_ids, batch.attention_mask, {}}, {})
                                  .hidden_states.back()
                                  .index({batch.attention_mask.to(at::kBool)});
  EXPECT_LT(test::distance(TokenStates(model, on_threads(1))(batch), expected), kTolerance);
}

TEST(TokenStates, RefuseAMultiplexedModel) {
  try {
    TokenStates(golden_model("seq_gh_mlp_n2"), on_threads(1));
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("a model of 2 instances"));
  }
}

}  // namespace
}  // namespace prumux::runtime

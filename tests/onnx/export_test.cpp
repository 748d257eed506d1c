#include "core/onnx/export.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <random>

#include "core/model/safetensors.h"
#include "prumux/error.h"
#include "tests/onnx/interpreter.h"
#include "tests/support/distance.h"
#include "tests/support/random_ranks.h"
#include "tests/support/temporary_folder.h"

namespace prumux::onnx {
namespace {

namespace fs = std::filesystem;
using test::distance;

const fs::path kGolden = fs::path(PRUMUX_TEST_DATA) / "golden";

/// What a golden case feeds its model; masks and types that it lacks are ones and zeros.
Tensors inputs_of(const TensorMap& golden) {
  const at::Tensor ids = golden.at("input_ids").to(at::kLong);
  const auto or_full = [&](const std::string& name, std::int64_t value) {
    return golden.contains(name) ? golden.at(name).to(at::kLong) : at::full_like(ids, value);
  };
  return {{"input_ids", ids},
          {"attention_mask", or_full("attention_mask", 1)},
          {"token_type_ids", or_full("token_type_ids", 0)}};
}

at::Tensor onnx_logits(const model::Model& model, const Tensors& inputs) {
  const test::TemporaryFolder folder;
  save_onnx(model, folder.path());
  EXPECT_TRUE(fs::exists(folder.path() / "config.json"));
  return run_onnx(folder.path() / "model.onnx", inputs).at("logits");
}

at::Tensor own_logits(model::Model& model, const Tensors& inputs) {
  const at::NoGradGuard no_gradient;
  model.eval();
  model::ModelInputs own{inputs.at("input_ids"), inputs.at("attention_mask"), {}};
  if (model.multiplexer() == nullptr) own.token_type_ids = inputs.at("token_type_ids");
  return model.forward(own).logits;
}

struct Case {
  std::string name;
  std::string model = "model";
};

class OnnxExport : public testing::TestWithParam<Case> {};

TEST_P(OnnxExport, ComputesWhatTheModelComputes) {
  const fs::path folder = kGolden / GetParam().name;
  const Tensors inputs = inputs_of(model::read_safetensors(folder / "golden.safetensors"));
  const auto model = model::load_model(folder / GetParam().model);
  EXPECT_LT(distance(onnx_logits(*model, inputs), own_logits(*model, inputs)), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Golden, OnnxExport,
                         testing::Values(Case{"enc_bert"}, Case{"enc_roberta"}, Case{"enc_electra"},
                                         Case{"prune_cofi_plain", "pruned"},
                                         Case{"seq_gh_indexpos_n2"}, Case{"seq_gh_index_n2"},
                                         Case{"seq_binary_indexpos_n3"}, Case{"seq_gh_mlp_n2"},
                                         Case{"seq_ortho_indexpos_n2"}, Case{"tok_gh_indexpos_n2"},
                                         Case{"muxplm_electra_indexpos_n2"},
                                         Case{"prune_mux_n2", "pruned"}),
                         [](const auto& info) { return info.param.name; });

TEST(OnnxExport, ComputesFactorisedWeightsAsProducts) {
  const fs::path folder = kGolden / "enc_bert";
  const Tensors inputs = inputs_of(model::read_safetensors(folder / "golden.safetensors"));
  const auto model = model::load_model(folder / "model");
  std::mt19937 random(1);
  model->factorise(test::random_ranks(model->checkpoint_parameters(), 0.7, random));
  EXPECT_LT(distance(onnx_logits(*model, inputs), own_logits(*model, inputs)), 1e-5);
}

TEST(OnnxExport, LeavesPaddingOutOfMultiplexedModelsThatDo) {
  const fs::path folder = kGolden / "seq_gh_indexpos_n2";
  model::ModelConfig config = model::ModelConfig::load(folder / "model");
  config.multiplexer->padding = PaddingSemantics::masked;
  model::Model model(config);
  model.load_state(model::load_model(folder / "model")->state());
  Tensors inputs = inputs_of(model::read_safetensors(folder / "golden.safetensors"));
  at::Tensor& mask = inputs.at("attention_mask");
  mask = at::ones_like(mask);
  mask.slice(1, mask.size(1) - 2).zero_();  // the end of every row,
  mask[0].slice(0, 2).zero_();              // and more of one of them
  EXPECT_LT(distance(onnx_logits(model, inputs), own_logits(model, inputs)), 1e-5);
}

TEST(OnnxExport, TakesAnyNumberOfRowsAndTokens) {
  const auto model = model::load_model(kGolden / "enc_bert" / "model");
  const at::Tensor ids = at::arange(15).view({3, 5}).add(5);
  const Tensors inputs = {{"input_ids", ids},
                          {"attention_mask", at::ones_like(ids)},
                          {"token_type_ids", at::zeros_like(ids)}};
  EXPECT_LT(distance(onnx_logits(*model, inputs), own_logits(*model, inputs)), 1e-5);
}

TEST(OnnxExport, SaysWhichMultiplexerHasNoClosedForm) {
  const auto model = model::load_model(kGolden / "seq_gattn_indexpos_n2" / "model");
  const test::TemporaryFolder folder;
  try {
    save_onnx(*model, folder.path());
    FAIL() << "expected a DataError";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("multiplexer 'datamux'"));
    EXPECT_THAT(problem.what(), testing::HasSubstr("has no closed form with these parameters, so "
                                                   "its model cannot be written as ONNX"));
  }
}

}  // namespace
}  // namespace prumux::onnx

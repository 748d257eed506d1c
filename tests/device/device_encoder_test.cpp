#include "core/runtime/device/device_encoder.h"

#include <gmock/gmock.h>

#include "core/runtime/device/cuda_kernels.h"
#include "core/runtime/device/host_row_kernels.h"
#include "prumux/error.h"
#include "tests/model/support.h"

namespace prumux::runtime {
namespace {

using model::distance;
using model::golden;
using model::golden_model;
using model::inputs_of;

at::Tensor device_logits(const model::Model& model, const model::ModelInputs& inputs,
                         at::ScalarType type = at::kFloat) {
  return DeviceEncoder(model, at::kCPU, type, std::make_shared<HostRowKernels>()).logits(inputs);
}

struct Case {
  std::string golden;
  std::string part = "model";
  std::string logits = {};  ///< Empty: the reference has none, only the training side is asked.
};

std::ostream& operator<<(std::ostream& stream, const Case& value) {
  return stream << value.golden << '/' << value.part;
}

class OnADevice : public testing::TestWithParam<Case> {};

TEST_P(OnADevice, GivesTheNumbersOfTheReferenceAndOfTheTrainingSide) {
  const auto& [name, part, logits] = GetParam();
  const TensorMap expected = golden(name);
  const std::shared_ptr<model::Model> model = golden_model(name, part);
  const model::ModelInputs inputs = inputs_of(expected);
  const at::Tensor result = device_logits(*model, inputs);
  EXPECT_LT(distance(result, model::logits_of(*model, inputs)), 1e-5);
  if (!logits.empty()) {
    EXPECT_LT(distance(result, expected.at(logits)), model::kGoldenTolerance);
  }
}

TEST_P(OnADevice, StaysCloseInBfloat16) {
  const auto& [name, part, logits] = GetParam();
  const std::shared_ptr<model::Model> model = golden_model(name, part);
  const model::ModelInputs inputs = inputs_of(golden(name));
  // Eight bits of mantissa through three layers.
  const at::Tensor exact = model::logits_of(*model, inputs);
  const double size = exact.abs().max().item<double>();
  EXPECT_LT(distance(device_logits(*model, inputs, at::kBFloat16), exact), 0.05 * size + 0.01);
}

INSTANTIATE_TEST_SUITE_P(Golden, OnADevice,
                         testing::Values(Case{"enc_bert"}, Case{"enc_roberta"}, Case{"enc_electra"},
                                         Case{"seq_gh_indexpos_n2", "model", "logits"},
                                         Case{"seq_gh_index_n2", "model", "logits"},
                                         Case{"seq_binary_indexpos_n3", "model", "logits"},
                                         Case{"prune_mux_n2", "pruned", "pruned.logits"},
                                         Case{"prune_mux_n2_nohidden", "pruned", "pruned.logits"},
                                         Case{"prune_cofi_plain", "pruned", "pruned.logits"}));

TEST(DeviceEncoder, MasksThePaddingOfAModelTrainedHere) {
  model::ModelConfig config = golden_model("seq_gh_indexpos_n2")->config();
  config.multiplexer->padding = PaddingSemantics::masked;
  config.encoder.initializer_range = 0.15;
  const auto model = std::make_shared<model::Model>(config);
  model->eval();
  model::ModelInputs inputs = inputs_of(golden("seq_gh_indexpos_n2"));
  inputs.attention_mask = at::ones_like(inputs.input_ids);
  inputs.attention_mask.slice(1, 6).zero_();
  inputs.attention_mask[1].slice(0, 3).zero_();
  EXPECT_LT(distance(device_logits(*model, inputs), model::logits_of(*model, inputs)), 1e-5);
}

TEST(DeviceEncoder, FollowsMasksMadePhysical) {
  const std::shared_ptr<model::Model> model = golden_model("prune_mux_n2");
  StructureMasks masks;
  masks.hidden = at::ones({32});
  masks.hidden.slice(0, 3, 9).zero_();
  masks.head_layer = at::tensor({1.0F, 0.0F, 1.0F});
  masks.mlp = at::tensor({0.0F, 1.0F, 1.0F});
  masks.intermediate = at::ones({3, model->config().encoder.intermediate_size});
  masks.intermediate[1].zero_();
  const model::ModelInputs inputs = inputs_of(golden("prune_mux_n2"));
  const at::Tensor masked = model::logits_of(*model, inputs, &masks);
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  EXPECT_LT(distance(device_logits(*model, inputs), masked), 1e-5);
}

TEST(CudaKernels, AgreeWithTheHostsOrSayWhyNot) {
  std::shared_ptr<const RowKernels> kernels;
  try {
    kernels = load_cuda_kernels();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::AnyOf(testing::HasSubstr("runs on the CPU only"),
                                             testing::HasSubstr("cannot load"),
                                             testing::HasSubstr("no GPU that can be used")));
    GTEST_SKIP() << error.what();
  }
  for (const std::string name : {"seq_gh_indexpos_n2", "seq_gh_index_n2", "enc_bert"}) {
    const std::shared_ptr<model::Model> model = golden_model(name);
    const model::ModelInputs inputs = inputs_of(golden(name));
    const DeviceEncoder encoder(*model, at::Device(at::kCUDA, 0), at::kFloat, kernels);
    EXPECT_LT(distance(encoder.logits(inputs), model::logits_of(*model, inputs)), 1e-4) << name;
  }
}

}  // namespace
}  // namespace prumux::runtime

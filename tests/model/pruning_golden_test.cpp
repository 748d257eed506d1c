#include <gmock/gmock.h>
#include "core/model/encoder.h"
#include "prumux/error.h"

#include "support.h"

namespace prumux::model {
namespace {

class ReferencePruning : public testing::TestWithParam<std::string> {
 protected:
  std::string name() const { return GetParam(); }
  StructureMasks masks() const {
    return read_masks(golden_folder(name()) / "zs.safetensors",
                      golden_model(name())->config().encoder);
  }
};

TEST_P(ReferencePruning, UnmaskedModelGivesTheReferencesLogits) {
  const TensorMap expected = golden(name());
  EXPECT_LT(distance(logits_of(*golden_model(name()), inputs_of(expected)),
                     expected.at("unmasked.logits")),
            kGoldenTolerance);
}

TEST_P(ReferencePruning, MaskedModelGivesTheReferencesLogitsAndHiddenStates) {
  const TensorMap expected = golden(name());
  const StructureMasks z = masks();
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.masks = &z;
  options.hidden_states = true;
  const ForwardRecord record = golden_model(name())->forward(inputs_of(expected), options);
  EXPECT_LT(distance(record.logits, expected.at("masked.logits")), kGoldenTolerance);
  for (std::size_t index = 0; index < record.hidden_states.size(); ++index) {
    const std::string state = "masked.hidden_states." + std::to_string(index);
    EXPECT_LT(distance(record.hidden_states[index], expected.at(state)), kGoldenTolerance) << state;
  }
}

TEST_P(ReferencePruning, MasksWithGradientsGiveTheSameLogits) {
  const TensorMap expected = golden(name());
  StructureMasks z = masks();
  for (at::Tensor* mask : {&z.head, &z.head_layer, &z.intermediate, &z.mlp, &z.hidden}) {
    if (mask->defined()) mask->set_requires_grad(true);
  }
  ForwardOptions options;
  options.masks = &z;
  const at::Tensor logits = golden_model(name())->forward(inputs_of(expected), options).logits;
  EXPECT_LT(distance(logits.detach(), expected.at("masked.logits")), kGoldenTolerance);
}

TEST_P(ReferencePruning, PhysicallyPrunedModelEqualsTheMaskedOne) {
  const TensorMap expected = golden(name());
  const std::shared_ptr<Model> model = golden_model(name());
  model->prune(PrunePlan::from_masks(masks(), model->config().encoder));
  EXPECT_TRUE(model->physically_pruned());
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("masked.logits")),
            kGoldenTolerance);
}

TEST_P(ReferencePruning, ReferencesOwnPrunedCheckpointRunsAsItDoesThere) {
  const TensorMap expected = golden(name());
  const std::shared_ptr<Model> model = golden_model(name(), "pruned");
  EXPECT_TRUE(model->physically_pruned());
  EXPECT_LT(distance(logits_of(*model, inputs_of(expected)), expected.at("pruned.logits")),
            kGoldenTolerance);
}

TEST_P(ReferencePruning, PrunedModelRefusesMasksOfTheDenseOne) {
  const TensorMap expected = golden(name());
  const StructureMasks z = masks();
  try {
    logits_of(*golden_model(name(), "pruned"), inputs_of(expected), &z);
    FAIL() << "no error";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("masks count the units that the model has now"));
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferencePruning,
                         testing::Values("prune_cofi_plain", "prune_mux_n2",
                                         "prune_mux_n2_hidden_binary", "prune_mux_n2_issue36_heads",
                                         "prune_mux_n2_issue36_int", "prune_mux_n2_nohidden",
                                         "prune_mux_n2_nohidden_binary"));

/// The reference counts what is left of the layers: meta.json, "params_before" and "params_after".
TEST(ReferencePruning, CountsEncoderParametersAsTheReference) {
  EXPECT_EQ(golden_model("prune_mux_n2_issue36_int")->encoder_parameter_count(), 25632);
  EXPECT_EQ(golden_model("prune_mux_n2_issue36_int", "pruned")->encoder_parameter_count(), 10091);
}

TEST(ReferencePruning, ReadsPickledCheckpointsAsTheirSafetensors) {
  for (const char* part : {"model", "pruned"}) {
    TemporaryFolder folder;
    const auto source = golden_folder("prune_mux_n2") / part;
    std::filesystem::copy(source / "config.json", folder.path());
    std::filesystem::copy(source / "pytorch_model.bin", folder.path());
    const TensorMap pickled = load_model(folder.path())->state();
    const TensorMap safe = load_model(source)->state();
    ASSERT_EQ(pickled.size(), safe.size());
    for (const auto& [name, tensor] : safe) EXPECT_TRUE(pickled.at(name).equal(tensor)) << name;
  }
}

}  // namespace
}  // namespace prumux::model

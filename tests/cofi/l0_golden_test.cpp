#include <gtest/gtest.h>
#include <torch/types.h>

#include "fixtures.h"
#include "golden.h"
#include "hard_concrete.h"
#include "l0_module.h"
#include "lagrangian.h"
#include "structure_size.h"

namespace prumux::cofi {
namespace {

constexpr double kTolerance = 5e-5;

class L0Golden : public testing::TestWithParam<const char*> {
 protected:
  L0Golden()
      : golden(golden_tensors(GetParam())),
        scalars(golden_scalars(GetParam())),
        encoder(encoder_of(32, 64, 4, 3)),
        l0_module(PruningType::parse(scalars.at("pruning_type")), encoder, 2.0 / 3.0, torch::kCPU) {
    for (const auto& [name, log_alpha] : l0_module.log_alphas().named("loga.")) {
      assign(log_alpha, golden.at(name));
    }
  }

  UnitTensors recorded(const std::string& prefix, const std::string& suffix) const {
    UnitTensors result;
    const auto find = [&](const std::string& name) {
      const auto found = golden.find(prefix + name + suffix);
      return found == golden.end() ? at::Tensor() : found->second;
    };
    result.head = find("head");
    result.intermediate = find("intermediate");
    result.hidden = find("hidden");
    result.mlp = find("mlp");
    result.head_layer = find("head_layer");
    return result;
  }

  static void expect_masks(const StructureMasks& masks, const UnitTensors& expected,
                           double tolerance) {
    const std::pair<at::Tensor, at::Tensor> pairs[] = {{masks.head, expected.head},
                                                       {masks.intermediate, expected.intermediate},
                                                       {masks.hidden, expected.hidden},
                                                       {masks.mlp, expected.mlp},
                                                       {masks.head_layer, expected.head_layer}};
    for (const auto& [mask, reference] : pairs) {
      ASSERT_EQ(mask.defined(), reference.defined());
      if (!mask.defined()) continue;
      EXPECT_LE(difference(mask, reference), tolerance);
    }
  }

  TensorMap golden;
  nlohmann::json scalars;
  EncoderConfig encoder;
  L0Module l0_module;
};

TEST_P(L0Golden, LogAlphasExistForThePrunedKindsOnly) {
  std::vector<std::string> types;
  for (const auto& [name, tensor] : l0_module.log_alphas().named("")) types.push_back(name);
  EXPECT_EQ(types, scalars.at("types").get<std::vector<std::string>>());
}

TEST_P(L0Golden, KeepProbabilitiesAreTheReferences) {
  for (const auto& [name, log_alpha] : l0_module.log_alphas().named("")) {
    EXPECT_LE(difference(hard_concrete::keep_probability(log_alpha, 2.0 / 3.0),
                         golden.at("score." + name)),
              kTolerance);
  }
}

TEST_P(L0Golden, SampledMasksAreTheReferencesForTheSameNoise) {
  const StructureMasks masks = l0_module.sample(recorded("eps.", ""));
  masks.check(encoder);
  expect_masks(masks, recorded("sampled.", "_z"), kTolerance);
}

TEST_P(L0Golden, DeterministicMasksAreTheReferences) {
  const StructureMasks masks = l0_module.deterministic();
  masks.check(encoder);
  expect_masks(masks, recorded("det.", "_z"), 1e-6);
}

TEST_P(L0Golden, SizesOfUnitsAreTheReferences) {
  const StructureSize size(encoder);
  EXPECT_EQ(size.prunable(), scalars.at("prunable_model_size"));
  EXPECT_EQ(size.head(), scalars.at("params_per_head"));
  EXPECT_EQ(size.mlp(), scalars.at("params_per_mlp_layer"));
  EXPECT_EQ(size.intermediate(), scalars.at("params_per_intermediate_dim"));
}

TEST_P(L0Golden, LagrangianAndItsGradientsAreTheReferences) {
  const SparsitySchedule schedule{scalars.at("target_sparsity"), scalars.at("start_sparsity"),
                                  scalars.at("lagrangian_warmup")};
  for (const auto& [step, expected] : scalars.at("steps").items()) {
    Lagrangian lagrangian(torch::kCPU);
    const NamedTensors multipliers = lagrangian.multipliers();
    for (const auto& [name, multiplier] : multipliers) {
      assign(multiplier, torch::tensor(scalars.at(name).get<double>()));
    }
    const double target = schedule.target_at(std::stoll(step));
    EXPECT_NEAR(target, expected.at("target_sparsity").get<double>(), 1e-12);
    const at::Tensor sparsity = l0_module.expected_sparsity();
    EXPECT_NEAR(sparsity.item<double>(), expected.at("expected_sparsity").get<double>(),
                kTolerance);
    const at::Tensor penalty = lagrangian.penalty(sparsity, target);
    EXPECT_NEAR(penalty.item<double>(), expected.at("lagrangian_loss").get<double>(), kTolerance);
    penalty.backward();
    EXPECT_NEAR(multipliers[0].second.grad().item<double>(),
                expected.at("grad_lambda_1").get<double>(), kTolerance);
    EXPECT_NEAR(multipliers[1].second.grad().item<double>(),
                expected.at("grad_lambda_2").get<double>(), kTolerance);
    for (const auto& [name, log_alpha] : l0_module.log_alphas().named("grad.")) {
      if (step == "50") {
        EXPECT_LE(difference(log_alpha.grad(), golden.at(name)), kTolerance);
      }
      log_alpha.mutable_grad().reset();
    }
  }
}

TEST_P(L0Golden, ClampingPutsLogAlphasBackIntoTheirBounds) {
  assign(l0_module.log_alphas().head, golden.at("loga.head") * 5);
  l0_module.clamp();
  EXPECT_LE(difference(l0_module.log_alphas().head, golden.at("clamped.head")), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Cases, L0Golden,
                         testing::Values("l0_tiny_full", "l0_tiny_nohidden", "l0_tiny_nolayer"),
                         [](const auto& info) { return std::string(info.param); });

TEST(HardSize, CountsTheUnitsThatTheReferenceCounts) {
  const TensorMap golden = golden_tensors("l0_tiny_full");
  const nlohmann::json expected = golden_scalars("l0_tiny_full").at("calculate_model_size");
  StructureMasks masks;
  masks.head = golden.at("det.head_z").view({3, 4});
  masks.intermediate = golden.at("det.intermediate_z").view({3, 64});
  masks.hidden = golden.at("det.hidden_z");
  masks.mlp = golden.at("det.mlp_z");
  masks.head_layer = golden.at("det.head_layer_z");
  const EncoderConfig encoder = encoder_of(32, 64, 4, 3);
  const KeptStructure kept = KeptStructure::of(masks, encoder);
  EXPECT_EQ(kept.hidden, expected.at("hidden_dims"));
  EXPECT_EQ(kept.heads, (std::vector<std::int64_t>{0, 3, 2}));
  EXPECT_EQ(kept.intermediates, (std::vector<std::int64_t>{51, 0, 51}));
  EXPECT_NEAR(StructureSize(encoder).matrix_sparsity(kept),
              expected.at("pruned_model_sparsity").get<double>(), 1e-12);
}

}  // namespace
}  // namespace prumux::cofi

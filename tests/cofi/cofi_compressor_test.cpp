#include "cofi_compressor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "fixtures.h"
#include "golden.h"
#include "prumux/error.h"

namespace prumux::cofi {
namespace {

using testing::HasSubstr;

/// Without a teacher, so that a test's loss is its own.
Parameters alone(double target_sparsity) {
  Parameters parameters = cofi_parameters(target_sparsity);
  parameters.set("distill", false);
  return parameters;
}

std::unique_ptr<CofiCompressor> attached(const Parameters& parameters,
                                         std::int64_t total_steps = 100) {
  auto compressor = std::make_unique<CofiCompressor>(CompressorArguments{parameters});
  compressor->attach(FakeModel(kThreeLayers), CompressionSchedule{total_steps, 10});
  return compressor;
}

at::Tensor loss_at(CofiCompressor& compressor, std::int64_t step, const StructureMasks& masks) {
  TrainingStep training;
  training.step = step;
  training.masks = &masks;
  training.task_loss = masks.empty()
                           ? torch::tensor(1.0)
                           : masks.head.sum() * -0.01 + masks.intermediate.square().mean();
  return compressor.loss(training);
}

/// One optimiser step as a host does it: plain gradient descent and ascent.
void train_step(CofiCompressor& compressor, std::int64_t step) {
  const StructureMasks masks = compressor.training_masks(step);
  loss_at(compressor, step, masks).backward();
  const at::NoGradGuard no_gradient;
  for (const ParameterGroup& group : compressor.parameter_groups()) {
    const double rate = *group.learning_rate * (group.maximize ? 10 : -1000);
    for (const auto& [name, tensor] : group.parameters) {
      at::Tensor(tensor).add_(tensor.grad(), rate);
      tensor.mutable_grad().reset();
    }
  }
  compressor.after_step(step + 1);
}

TEST(CofiCompressor, HasNoMasksBeforePruningBegins) {
  Parameters parameters = alone(0.6);
  parameters.set("prepruning_steps", std::int64_t{5});
  const auto compressor = attached(parameters);
  const StructureMasks none = compressor->training_masks(4);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(loss_at(*compressor, 4, none).item<double>(), 1.0);
  EXPECT_TRUE(compressor->evaluation_masks().empty());
  EXPECT_FALSE(compressor->meets_target());
  EXPECT_EQ(compressor->metrics().count("lagrangian"), 0U);

  compressor->after_step(5);
  const StructureMasks masks = compressor->training_masks(5);
  masks.check(kThreeLayers);
  EXPECT_TRUE(masks.hidden.requires_grad());
  loss_at(*compressor, 5, masks);
  EXPECT_EQ(compressor->metrics().count("lagrangian"), 1U);
  EXPECT_TRUE(compressor->evaluation_masks().head.defined());
}

TEST(CofiCompressor, TargetRisesFromTheBeginningOfPruning) {
  Parameters parameters = alone(0.6);
  parameters.set("start_sparsity", 0.1);
  parameters.set("prepruning_steps", std::int64_t{4});
  parameters.set("warmup_steps", std::int64_t{10});
  const auto compressor = attached(parameters);
  const auto target = [&](std::int64_t step) {
    compressor->after_step(step);
    return compressor->metrics().at("target_sparsity");
  };
  EXPECT_DOUBLE_EQ(target(0), 0.0);
  EXPECT_DOUBLE_EQ(target(4), 0.1);
  EXPECT_DOUBLE_EQ(target(9), 0.35);
  EXPECT_DOUBLE_EQ(target(14), 0.6);
  EXPECT_DOUBLE_EQ(target(50), 0.6);
}

TEST(CofiCompressor, WarmsUpForAFifthOfTheStepsUnlessToldOtherwise) {
  const auto compressor = attached(alone(0.5), 100);
  compressor->after_step(10);
  EXPECT_DOUBLE_EQ(compressor->metrics().at("target_sparsity"), 0.25);

  Parameters at_once = alone(0.5);
  at_once.set("warmup_steps", std::int64_t{0});
  EXPECT_DOUBLE_EQ(attached(at_once)->metrics().at("target_sparsity"), 0.5);
}

TEST(CofiCompressor, OffersItsParametersWithTheirOwnOptimisers) {
  Parameters parameters = cofi_parameters(0.6);
  parameters.set("transformation_weight_decay", 0.03);
  const auto groups = attached(parameters)->parameter_groups();
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].name, "log_alpha");
  EXPECT_EQ(groups[0].parameters.size(), 5U);
  EXPECT_EQ(groups[0].learning_rate, 0.01);
  EXPECT_FALSE(groups[0].maximize);
  EXPECT_FALSE(groups[0].clip_with_model);
  EXPECT_EQ(groups[1].name, "lagrangian");
  EXPECT_TRUE(groups[1].maximize);
  EXPECT_EQ(groups[2].name, "layer_transformation.weight");
  EXPECT_EQ(groups[2].weight_decay, 0.03);
  EXPECT_TRUE(groups[2].parameters[0].second.equal(torch::eye(32)));
  EXPECT_EQ(groups[3].weight_decay, 0.0);
}

TEST(CofiCompressor, LearnsMasksFasterInAShortTraining) {
  Parameters parameters = cofi_parameters(0.6);
  parameters.set("learning_rate", 0.0);
  EXPECT_DOUBLE_EQ(*attached(parameters, 300)->parameter_groups()[0].learning_rate, 0.2);
  EXPECT_DOUBLE_EQ(*attached(parameters, 20000)->parameter_groups()[1].learning_rate, 0.01);
  EXPECT_DOUBLE_EQ(*attached(parameters, 1)->parameter_groups()[0].learning_rate, 1.0);
}

TEST(CofiCompressor, GoesOnFromALowerTargetAtOnce) {
  Parameters lower = alone(0.4);
  lower.set("prepruning_steps", std::int64_t{10});
  const auto first = attached(lower);
  for (std::int64_t step = 0; step < 12; ++step) first->after_step(step);
  Parameters higher = alone(0.8);
  higher.set("prepruning_steps", std::int64_t{10});
  higher.set("warmup_steps", std::int64_t{4});
  const auto second = attached(higher);
  second->load_state(first->state());
  EXPECT_DOUBLE_EQ(second->metrics().at("target_sparsity"), 0.4);
  EXPECT_TRUE(second->training_masks(0).head.defined());
  second->after_step(1);
  EXPECT_DOUBLE_EQ(second->metrics().at("target_sparsity"), 0.5);
  // A restart of the second goes on with the second.
  const auto resumed = attached(higher);
  resumed->load_state(second->state());
  EXPECT_DOUBLE_EQ(resumed->metrics().at("target_sparsity"), 0.5);
  resumed->after_step(4);
  EXPECT_DOUBLE_EQ(resumed->metrics().at("target_sparsity"), 0.8);
}

TEST(CofiCompressor, FreezesTheEmbeddingsThatTheReferenceFreezes) {
  const auto compressor = attached(cofi_parameters(0.6));
  EXPECT_FALSE(compressor->trains("bert.embeddings.position_embeddings.weight"));
  EXPECT_FALSE(compressor->trains("bert.embeddings.token_type_embeddings.weight"));
  EXPECT_FALSE(compressor->trains("bert.embeddings.LayerNorm.bias"));
  EXPECT_FALSE(compressor->trains("second_pass.position_embeddings.weight"));
  EXPECT_FALSE(compressor->trains("second_pass.LayerNorm.weight"));
  EXPECT_TRUE(compressor->trains("bert.embeddings.word_embeddings.weight"));
  EXPECT_TRUE(compressor->trains("electra.embeddings_project.weight"));
  EXPECT_TRUE(compressor->trains("bert.encoder.layer.0.output.LayerNorm.weight"));
  EXPECT_TRUE(compressor->trains("retrieval_head.decoder.weight"));
  EXPECT_TRUE(compressor->trains("demux_module.demux_instance_embedding"));

  Parameters all = cofi_parameters(0.6);
  all.set("freeze_embeddings", false);
  EXPECT_TRUE(attached(all)->trains("bert.embeddings.LayerNorm.bias"));
}

TEST(CofiCompressor, WantsATeacherOnlyToDistil) {
  EXPECT_TRUE(attached(cofi_parameters(0.6))->needs_teacher());
  EXPECT_TRUE(attached(cofi_parameters(0.6))->needs_hidden_states());
  EXPECT_FALSE(attached(alone(0.6))->needs_teacher());
  EXPECT_FALSE(attached(alone(0.6))->needs_hidden_states());
}

TEST(CofiCompressor, ReachesItsTargetAndEvaluatesWhatItExports) {
  torch::manual_seed(4);
  Parameters parameters = alone(0.6);
  parameters.set("warmup_steps", std::int64_t{50});
  const auto compressor = attached(parameters);
  EXPECT_FALSE(compressor->meets_target());
  std::int64_t step = 0;
  while (step < 2000 && !compressor->meets_target()) train_step(*compressor, step++);
  ASSERT_TRUE(compressor->meets_target());
  EXPECT_GE(compressor->metrics().at("sparsity"), 0.59);
  const StructureMasks masks = compressor->evaluation_masks();
  const PrunePlan evaluated = PrunePlan::from_masks(masks, kThreeLayers);
  const PrunePlan exported = compressor->finish();
  EXPECT_EQ(evaluated.hidden, exported.hidden);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    EXPECT_EQ(evaluated.layers[layer].heads, exported.layers[layer].heads);
    EXPECT_EQ(evaluated.layers[layer].intermediate, exported.layers[layer].intermediate);
    EXPECT_EQ(evaluated.layers[layer].head_scales, exported.layers[layer].head_scales);
  }
  EXPECT_NEAR(StructureSize(kThreeLayers).removed_share(KeptStructure::of(masks, kThreeLayers)),
              0.6, 0.005);
}

TEST(CofiCompressor, ExportsTheReferencesMasksWhenTheTargetIsNotMatched) {
  const TensorMap golden = golden_tensors("l0_tiny_full");
  Parameters parameters = alone(0.6);
  parameters.set("match_target", false);
  const auto compressor = attached(parameters);
  TensorMap state = compressor->state();
  for (auto& [name, tensor] : state) {
    const std::string prefix = "log_alpha.";
    if (name.starts_with(prefix)) tensor = golden.at("loga." + name.substr(prefix.size()));
  }
  compressor->load_state(state);
  const PrunePlan plan = compressor->finish();
  EXPECT_EQ(plan.hidden.size(), 26U);
  EXPECT_FALSE(plan.layers[0].attention_present);
  EXPECT_EQ(plan.layers[1].heads.size(), 3U);
  EXPECT_EQ(plan.layers[2].heads.size(), 2U);
  EXPECT_EQ(plan.layers[0].intermediate.size(), 51U);
  EXPECT_FALSE(plan.layers[1].mlp_present);
  EXPECT_EQ(plan.layers[2].intermediate.size(), 51U);
}

TEST(CofiCompressor, ContinuesBitForBitFromItsState) {
  torch::manual_seed(9);
  const auto original = attached(alone(0.5));
  for (std::int64_t step = 0; step < 5; ++step) train_step(*original, step);
  const TensorMap state = original->state();
  const auto resumed = attached(alone(0.5));
  resumed->load_state(state);
  EXPECT_EQ(resumed->metrics().at("target_sparsity"), original->metrics().at("target_sparsity"));
  for (const auto& compressor : {original.get(), resumed.get()}) {
    torch::manual_seed(77);
    for (std::int64_t step = 5; step < 9; ++step) train_step(*compressor, step);
  }
  const TensorMap expected = original->state();
  const TensorMap actual = resumed->state();
  ASSERT_EQ(expected.size(), actual.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(tensor.equal(actual.at(name))) << name;
  EXPECT_EQ(original->metrics(), resumed->metrics());
  const std::string trained = "log_alpha.intermediate";
  EXPECT_FALSE(state.at(trained).equal(expected.at(trained)));
}

TEST(CofiCompressor, RefusesAStateThatIsNotItsOwn) {
  const auto compressor = attached(cofi_parameters(0.5));
  const TensorMap before = compressor->state();
  const auto refusal = [&](const auto& change) {
    TensorMap state = before;
    change(state);
    return error_of<DataError>([&] { compressor->load_state(state); });
  };
  EXPECT_THAT(refusal([](TensorMap& state) { state.erase("lambda_2"); }),
              HasSubstr("tensor 'lambda_2' is missing"));
  EXPECT_THAT(refusal([](TensorMap& state) { state["log_alpha.mlp"] = torch::zeros({4}); }),
              HasSubstr("tensor 'log_alpha.mlp' is [4] float, expected [3] float"));
  EXPECT_THAT(refusal([](TensorMap& state) { state["step"] = torch::zeros({}); }),
              HasSubstr("tensor 'step' is [] float, expected [] long"));
  EXPECT_THAT(refusal([](TensorMap& state) { state["momentum"] = torch::zeros({4}); }),
              HasSubstr("tensor 'momentum' is not part of it"));
  EXPECT_THAT(refusal([](TensorMap& state) { state["lambda_1"] = torch::tensor(NAN); }),
              HasSubstr("holds numbers that are not finite"));
  EXPECT_THAT(refusal([](TensorMap& state) { state.clear(); }),
              HasSubstr("does not fit method 'cofi'"));
  for (const auto& [name, tensor] : compressor->state()) EXPECT_TRUE(tensor.equal(before.at(name)));
}

TEST(CofiCompressor, RefusesParametersThatMakeNoSense) {
  const auto refusal = [](const std::string& name, Parameters::Value value) {
    Parameters parameters = cofi_parameters(0.5);
    parameters.set(name, std::move(value));
    return error_of<ConfigError>([&] { CofiCompressor(CompressorArguments{parameters}); });
  };
  EXPECT_THAT(refusal("pruning_type", std::string("structured_heads+hiden")),
              HasSubstr("unknown part 'hiden'; expected structured_heads, structured_mlp, hidden"));
  EXPECT_THAT(refusal("pruning_type", std::string("layer+layer")), HasSubstr("'layer' twice"));
  EXPECT_THAT(refusal("pruning_type", std::string()), HasSubstr("unknown part ''"));
  EXPECT_THAT(refusal("start_sparsity", 0.7),
              HasSubstr("start_sparsity 0.7 is above target_sparsity 0.5"));
  Parameters silent = cofi_parameters(0.5);
  for (const char* weight : {"alpha_layer", "alpha_ce", "alpha_task"}) silent.set(weight, 0.0);
  EXPECT_THAT(error_of<ConfigError>([&] { CofiCompressor(CompressorArguments{silent}); }),
              HasSubstr("alpha_layer, alpha_ce and alpha_task are all 0"));
}

TEST(CofiCompressor, RefusesAModelThatIsPrunedAlready) {
  CofiCompressor compressor(CompressorArguments{cofi_parameters(0.5)});
  const FakeModel pruned(kThreeLayers, {{4, 64}, {2, 64}, {4, 64}}, 32);
  EXPECT_THAT(error_of<DataError>([&] { compressor.attach(pruned, {}); }),
              HasSubstr("it is pruned already"));
}

TEST(CofiCompressor, MustBeAttachedFirst) {
  CofiCompressor compressor(CompressorArguments{cofi_parameters(0.5)});
  EXPECT_THAT(error_of<PluginError>([&] { compressor.finish(); }), HasSubstr("before it was"));
}

}  // namespace
}  // namespace prumux::cofi

#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cofi_compressor.h"
#include "core/model/model.h"
#include "core/plugin/registry.h"
#include "distillation_compressor.h"
#include "fixtures.h"
#include "golden.h"

namespace prumux::cofi {
namespace {

constexpr double kTolerance = 5e-5;

class StudentView : public ModelView {
 public:
  explicit StudentView(const model::Model& model) : model_(model) {}
  const EncoderConfig& encoder() const override { return model_.config().encoder; }
  std::int64_t num_instances() const override { return model_.num_instances(); }
  NamedTensors parameters() const override { return model_.checkpoint_parameters(); }

 private:
  const model::Model& model_;
};

/// Four optimiser steps of two micro-batches each: a multiplexed student under a multiplexed
/// teacher, as the reference made them with given noise.
class TrainTrace : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    plugin::Registry::instance().set_extra_search_path({PRUMUX_BUILD_DIR "/lib/prumux/plugins"});
  }

  TrainTrace()
      : golden_(golden_tensors("train_trace")),
        scalars_(golden_scalars("train_trace")),
        student_(model::load_model(golden_folder("train_trace") / "student_init")),
        teacher_(model::load_model(golden_folder("train_trace") / "teacher")),
        compressor_(CompressorArguments{parameters()}) {
    const nlohmann::json& hyper = scalars_.at("hyper");
    compressor_.attach(StudentView(*student_), {hyper.at("total_steps"), 1});
    TensorMap state = compressor_.state();
    for (auto& [name, tensor] : state) {
      const std::string prefix = "log_alpha.";
      if (name.starts_with(prefix)) tensor = golden_.at("init.loga." + name.substr(prefix.size()));
    }
    compressor_.load_state(state);
    teacher_->eval();
    student_->train();
    make_optimisers();
  }

  Parameters parameters() const {
    const nlohmann::json& hyper = scalars_.at("hyper");
    Parameters parameters = cofi_parameters(hyper.at("target_sparsity"));
    parameters.set("warmup_steps", hyper.at("lagrangian_warmup").get<std::int64_t>());
    parameters.set("learning_rate", hyper.at("reg_lr").get<double>());
    parameters.set("transformation_weight_decay", hyper.at("weight_decay").get<double>());
    parameters.set("distill_matching", std::string("ref"));
    parameters.set("distill_temperature", hyper.at("distill_temp").get<double>());
    parameters.set("alpha_ce", hyper.at("ce_alpha").get<double>());
    parameters.set("alpha_layer", hyper.at("layer_alpha").get<double>());
    return parameters;
  }

  void make_optimisers() {
    const nlohmann::json& hyper = scalars_.at("hyper");
    std::vector<at::Tensor> decayed;
    std::vector<at::Tensor> undecayed;
    for (const auto& [name, tensor] : student_->checkpoint_parameters()) {
      named_[name] = tensor;
      if (!tensor.requires_grad()) continue;
      clipped_.push_back(tensor);
      if (!compressor_.trains(name)) continue;
      const bool decays = name.find("bias") == std::string::npos &&
                          name.find("LayerNorm.weight") == std::string::npos;
      (decays ? decayed : undecayed).push_back(tensor);
    }
    for (const ParameterGroup& group : compressor_.parameter_groups()) {
      std::vector<at::Tensor> tensors;
      for (const auto& [name, tensor] : group.parameters) {
        named_[name] = tensor;
        tensors.push_back(tensor);
        if (group.clip_with_model) clipped_.push_back(tensor);
        if (group.maximize) maximized_.push_back(tensor);
      }
      if (group.learning_rate) {
        constant_.push_back(std::make_unique<torch::optim::AdamW>(
            tensors,
            torch::optim::AdamWOptions(*group.learning_rate).weight_decay(group.weight_decay)));
      } else {
        auto& target = group.weight_decay > 0 ? decayed : undecayed;
        target.insert(target.end(), tensors.begin(), tensors.end());
      }
    }
    const double rate = hyper.at("lr");
    const auto options = [rate](double decay) {
      return std::make_unique<torch::optim::AdamWOptions>(
          torch::optim::AdamWOptions(rate).weight_decay(decay));
    };
    main_ = std::make_unique<torch::optim::AdamW>(
        std::vector<torch::optim::OptimizerParamGroup>{{decayed, options(hyper.at("weight_decay"))},
                                                       {undecayed, options(0)}},
        torch::optim::AdamWOptions(rate));
  }

  UnitTensors noise(const std::string& prefix) const {
    UnitTensors noise;
    noise.head = golden_.at(prefix + "eps.head");
    noise.intermediate = golden_.at(prefix + "eps.intermediate");
    noise.hidden = golden_.at(prefix + "eps.hidden");
    noise.mlp = golden_.at(prefix + "eps.mlp");
    noise.head_layer = golden_.at(prefix + "eps.head_layer");
    return noise;
  }

  /// Forward and backward pass; the loss divided by the accumulation.
  double micro_batch(std::int64_t step, const std::string& prefix) {
    const at::Tensor mask = golden_.at(prefix + "attention_mask");
    const std::int64_t longest = mask.sum(1).max().item<std::int64_t>();
    model::ModelInputs inputs;
    inputs.input_ids = golden_.at(prefix + "input_ids").narrow(1, 0, longest).contiguous();
    inputs.attention_mask = mask.narrow(1, 0, longest).contiguous();
    const StructureMasks masks = compressor_.training_masks(step, noise(prefix));
    model::ForwardOptions options;
    options.hidden_states = true;
    ForwardRecord teacher;
    {
      const at::NoGradGuard no_gradient;
      teacher = teacher_->forward(inputs, options);
    }
    options.masks = &masks;
    options.zero_masks_are_constant = true;
    const ForwardRecord student = student_->forward(inputs, options);
    TrainingStep training;
    training.step = step;
    training.masks = &masks;
    training.student = &student;
    training.teacher = &teacher;
    training.task_loss = torch::zeros({});
    const at::Tensor loss =
        compressor_.loss(training) / scalars_.at("hyper").at("accumulation").get<double>();
    loss.backward();
    return loss.item<double>();
  }

  /// Clips, steps everything, and returns the gradient's norm before clipping.
  double optimiser_step(std::int64_t step) {
    const nlohmann::json& hyper = scalars_.at("hyper");
    const double norm =
        torch::nn::utils::clip_grad_norm_(clipped_, hyper.at("max_grad_norm").get<double>());
    for (const at::Tensor& tensor : maximized_) tensor.mutable_grad().neg_();
    const double total = hyper.at("total_steps");
    for (auto& group : main_->param_groups()) {
      group.options().set_lr(hyper.at("lr").get<double>() * (total - static_cast<double>(step)) /
                             total);
    }
    main_->step();
    for (auto& optimiser : constant_) optimiser->step();
    compressor_.after_step(step + 1);
    main_->zero_grad();
    for (auto& optimiser : constant_) optimiser->zero_grad();
    for (at::Tensor& tensor : clipped_) tensor.mutable_grad().reset();
    return norm;
  }

  TensorMap golden_;
  nlohmann::json scalars_;
  std::shared_ptr<model::Model> student_;
  std::shared_ptr<model::Model> teacher_;
  CofiCompressor compressor_;
  std::map<std::string, at::Tensor> named_;
  std::vector<at::Tensor> clipped_;
  std::vector<at::Tensor> maximized_;
  std::unique_ptr<torch::optim::AdamW> main_;
  std::vector<std::unique_ptr<torch::optim::AdamW>> constant_;
};

TEST_F(TrainTrace, ReproducesTheReferencesLossesNormsMasksAndWeights) {
  std::size_t entry = 0;
  for (std::int64_t step = 0; step < 4; ++step) {
    for (int micro = 0; micro < 2; ++micro) {
      const std::string prefix = "s" + std::to_string(step) + ".m" + std::to_string(micro) + ".";
      SCOPED_TRACE(prefix);
      const nlohmann::json& expected = scalars_.at("log").at(entry++);
      EXPECT_NEAR(micro_batch(step, prefix), expected.at("loss").get<double>(), kTolerance);
      const auto metrics = compressor_.metrics();
      EXPECT_NEAR(metrics.at("lagrangian"), expected.at("lagrangian").get<double>(), kTolerance);
      EXPECT_NEAR(metrics.at("layer_loss"), expected.at("layer").get<double>(), kTolerance);
      EXPECT_NEAR(metrics.at("ce_loss"), expected.at("ce").get<double>(), kTolerance);
    }
    const nlohmann::json& expected = scalars_.at("log").at(entry - 1);
    EXPECT_NEAR(optimiser_step(step), expected.at("grad_norm_before_clip").get<double>(),
                kTolerance);
    const auto metrics = compressor_.metrics();
    EXPECT_NEAR(metrics.at("lambda_1"), expected.at("lambda_1").get<double>(), kTolerance);
    EXPECT_NEAR(metrics.at("lambda_2"), expected.at("lambda_2").get<double>(), kTolerance);

    const std::string after = "s" + std::to_string(step) + ".after.";
    std::size_t compared = 0;
    for (const auto& [name, value] : golden_) {
      if (!name.starts_with(after)) continue;
      std::string parameter = name.substr(after.size());
      if (parameter.starts_with("loga.")) parameter = "log_alpha." + parameter.substr(5);
      ASSERT_TRUE(named_.contains(parameter)) << parameter;
      EXPECT_LE(difference(named_.at(parameter), value), kTolerance) << name;
      ++compared;
    }
    EXPECT_GE(compared, 5U);
  }
}

TEST_F(TrainTrace, PlansShrinkTheModelAsTheyPromise) {
  TensorMap state = compressor_.state();
  torch::manual_seed(1);
  for (auto& [name, tensor] : state) {
    if (name.starts_with("log_alpha.")) tensor = torch::randn_like(tensor) * 2;
  }
  compressor_.load_state(state);
  const auto block_parameters = [this] {
    std::int64_t total = 0;
    for (const auto& [name, tensor] : student_->checkpoint_parameters()) {
      const bool in_block = name.find("encoder.layer.") != std::string::npos;
      if (in_block && name.find("LayerNorm") == std::string::npos) total += tensor.numel();
    }
    return static_cast<double>(total);
  };
  const double dense = block_parameters();
  student_->prune(compressor_.finish());
  EXPECT_NEAR(1 - block_parameters() / dense, 0.5, 0.01);

  model::ModelInputs inputs;
  inputs.input_ids = golden_.at("s0.m0.input_ids");
  student_->eval();
  const at::NoGradGuard no_gradient;
  const at::Tensor before = student_->forward(inputs).logits;
  DistillationCompressor distillation(CompressorArguments{distillation_parameters()});
  distillation.attach(StudentView(*student_), {});
  student_->prune(distillation.finish());
  EXPECT_LE(difference(student_->forward(inputs).logits, before), 1e-6);
}

}  // namespace
}  // namespace prumux::cofi

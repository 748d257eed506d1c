#include "core/conformance/compressor_run.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include "core/conformance/parameter_values.h"
#include "core/conformance/sample.h"
#include "core/train/random_state.h"

namespace prumux::conformance {

namespace {

constexpr double kLearningRate = 1e-3;
constexpr std::uint64_t kTeacherSeed = 99;

TensorMap copy_of(const TensorMap& tensors) {
  TensorMap copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.detach().clone();
  return copy;
}

}  // namespace

CompressorRun::CompressorRun(const plugin::Method& method, std::uint64_t seed,
                             train::Precision precision, std::int64_t total_steps)
    : model_(sample_model(seed)), total_steps_(total_steps) {
  const std::shared_ptr<model::Model> teacher = sample_model(kTeacherSeed);
  torch::manual_seed(seed);
  compressor_ = plugin::Registry::instance().make_compressor(method.descriptor->name,
                                                             {usual_parameters(method)});
  objective_ =
      std::make_unique<train::CompressionObjective>(model_, compressor_, teacher, precision);
  if ((method.descriptor->capabilities & PRUMUX_ZERO_MASKS_ARE_CONSTANT) != 0) {
    objective_->leave_out_zero_masks();
  }
  objective_->begin({.total_steps = total_steps, .steps_per_epoch = total_steps / 2});
  make_optimizer();
}

void CompressorRun::make_optimizer() {
  train::AdamWGroup model{"model", {}, kLearningRate};
  for (const auto& [name, parameter] : objective_->parameters()) {
    if (parameter.requires_grad() && objective_->trains(name)) {
      model.parameters.emplace_back(name, parameter);
    }
  }
  std::vector<train::AdamWGroup> all{std::move(model)};
  groups_ = objective_->parameter_groups();
  for (const ParameterGroup& group : groups_) {
    all.push_back(train::adamw_group(group, kLearningRate));
  }
  optimizer_.emplace(std::move(all), train::AdamWConstants{});
}

double CompressorRun::step(std::int64_t rows, std::int64_t length) {
  objective_->set_training(true);
  const at::Tensor loss = objective_->loss(sample_batch(rows, length, steps_), steps_);
  loss.backward();
  optimizer_->step(1.0);
  ++steps_;
  objective_->after_step(steps_);
  optimizer_->zero_gradients();
  // Parameters that stay as they are have gradients too.
  for (const auto& entry : objective_->parameters()) entry.second.mutable_grad().reset();
  objective_->set_training(false);
  return loss.item<double>();
}

void CompressorRun::run_to_the_end() {
  while (steps_ < total_steps_) step();
}

CompressorRun::Snapshot CompressorRun::snapshot() const {
  return {steps_, copy_of(model_->state()), copy_of(compressor_->state()),
          copy_of(optimizer_->state()), train::random_state()};
}

void CompressorRun::restore(const Snapshot& snapshot) {
  steps_ = snapshot.steps;
  model_->load_state(snapshot.model);
  compressor_->load_state(snapshot.compressor);
  make_optimizer();
  optimizer_->load_state(snapshot.optimizer);
  train::restore_random_state(snapshot.random);
}

}  // namespace prumux::conformance

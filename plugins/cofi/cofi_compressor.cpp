#include "cofi_compressor.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "prumux/saved_state.h"

namespace prumux::cofi {
namespace {

constexpr double kDefaultWarmupShare = 0.2;
constexpr double kAuthorsLearningRate = 0.01;
// Log-alphas go from 10 to their lower bound, and Adam moves them by at most the rate in a step.
constexpr double kWay = 60.0;

c10::Device device_of(const ModelView& model) {
  const NamedTensors parameters = model.parameters();
  return parameters.empty() ? c10::Device(at::kCPU) : parameters.front().second.device();
}

}  // namespace

CofiOptions CofiOptions::from(const Parameters& parameters) {
  CofiOptions options;
  options.pruning_type = PruningType::parse(parameters.string("pruning_type"));
  options.schedule.target = parameters.real("target_sparsity");
  options.schedule.start = parameters.real("start_sparsity");
  options.schedule.warmup_steps = parameters.integer("warmup_steps");
  options.prepruning_steps = parameters.integer("prepruning_steps");
  options.learning_rate = parameters.real("learning_rate");
  options.temperature = parameters.real("temperature");
  options.sparsity_epsilon = parameters.real("sparsity_epsilon");
  options.freeze_embeddings = parameters.boolean("freeze_embeddings");
  options.match_target = parameters.boolean("match_target");
  if (parameters.boolean("distill")) {
    options.distillation = DistillationOptions::from(parameters);
  }
  if (options.schedule.start > options.schedule.target) {
    std::ostringstream message;
    message << "start_sparsity " << options.schedule.start << " is above target_sparsity "
            << options.schedule.target << "; pruning can only go up";
    throw ConfigError(message.str());
  }
  return options;
}

CofiCompressor::CofiCompressor(const CompressorArguments& arguments)
    : options_(CofiOptions::from(arguments.parameters)) {}

bool CofiCompressor::needs_hidden_states() const {
  return options_.distillation && options_.distillation->alpha_layer > 0.0;
}

void CofiCompressor::attach(const ModelView& model, const CompressionSchedule& schedule) {
  require_dense(model, "cofi");
  const c10::Device device = device_of(model);
  std::optional<Distillation> distillation;
  if (options_.distillation) distillation.emplace(*options_.distillation, model);
  attached_.emplace(
      Attached{model.encoder(),
               L0Module(options_.pruning_type, model.encoder(), options_.temperature, device),
               Lagrangian(device), std::move(distillation), schedule.total_steps,
               at::zeros({}, at::kLong), at::scalar_tensor(options_.schedule.start, at::kDouble),
               at::scalar_tensor(options_.schedule.target, at::kDouble), at::zeros({}, at::kBool),
               at::Tensor()});
}

CofiCompressor::Attached& CofiCompressor::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const CofiCompressor::Attached& CofiCompressor::attached() const {
  if (!attached_) throw PluginError("cofi was used before it was attached to a model");
  return *attached_;
}

std::int64_t CofiCompressor::prepruning_steps() const {
  return attached().continues.item<bool>() ? 0 : options_.prepruning_steps;
}

double CofiCompressor::learning_rate() const {
  if (options_.learning_rate > 0.0) return options_.learning_rate;
  const std::int64_t steps = attached().total_steps - prepruning_steps();
  return std::max(kAuthorsLearningRate,
                  kWay / static_cast<double>(std::max<std::int64_t>(steps, 60)));
}

double CofiCompressor::target_at(std::int64_t step) const {
  if (!pruning_at(step)) return 0.0;
  const Attached& own = attached();
  const std::int64_t before = prepruning_steps();
  SparsitySchedule schedule = options_.schedule;
  schedule.start = own.start.item<double>();
  if (schedule.warmup_steps < 0) {
    const auto rest = static_cast<double>(std::max<std::int64_t>(own.total_steps - before, 0));
    schedule.warmup_steps = static_cast<std::int64_t>(rest * kDefaultWarmupShare);
  }
  return schedule.target_at(step - before);
}

StructureMasks CofiCompressor::training_masks(std::int64_t step) {
  if (!pruning_at(step)) return {};
  return training_masks(step, attached().l0_module.noise());
}

StructureMasks CofiCompressor::training_masks(std::int64_t step, const UnitTensors& noise) {
  if (!pruning_at(step)) return {};
  return attached().l0_module.sample(noise);
}

StructureMasks CofiCompressor::evaluation_masks() {
  const Attached& own = attached();
  if (!pruning_at(own.step.item<std::int64_t>())) return {};
  return meets_target() ? final_masks() : own.l0_module.deterministic();
}

StructureMasks CofiCompressor::final_masks() const {
  const L0Module& l0_module = attached().l0_module;
  return options_.match_target ? l0_module.matched(options_.schedule.target)
                               : l0_module.deterministic();
}

at::Tensor CofiCompressor::loss(const TrainingStep& step) {
  Attached& own = attached();
  const at::Tensor loss = own.distillation ? own.distillation->loss(step) : step.task_loss;
  own.last_penalty = at::Tensor();
  if (!pruning_at(step.step)) return loss;
  const at::Tensor penalty =
      own.lagrangian.penalty(own.l0_module.expected_sparsity(), target_at(step.step));
  own.last_penalty = penalty.detach();
  return loss + penalty;
}

std::vector<ParameterGroup> CofiCompressor::parameter_groups() {
  const Attached& own = attached();
  ParameterGroup log_alphas;
  log_alphas.name = "log_alpha";
  log_alphas.parameters = own.l0_module.log_alphas().named("log_alpha.");
  log_alphas.learning_rate = learning_rate();
  ParameterGroup multipliers;
  multipliers.name = "lagrangian";
  multipliers.parameters = own.lagrangian.multipliers();
  multipliers.learning_rate = learning_rate();
  multipliers.maximize = true;
  std::vector<ParameterGroup> groups = {log_alphas, multipliers};
  if (own.distillation) {
    for (ParameterGroup& group : own.distillation->parameter_groups()) {
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

bool CofiCompressor::trains(const std::string& name) const {
  return !options_.freeze_embeddings || !is_frozen_embedding(name);
}

void CofiCompressor::after_step(std::int64_t step) {
  Attached& own = attached();
  own.step.fill_(step);
  own.l0_module.clamp();
}

bool CofiCompressor::meets_target() {
  const Attached& own = attached();
  if (!pruning_at(own.step.item<std::int64_t>())) return false;
  const at::NoGradGuard no_gradient;
  const double sparsity = own.l0_module.expected_sparsity().item<double>();
  return sparsity >= options_.schedule.target - options_.sparsity_epsilon;
}

std::map<std::string, double> CofiCompressor::metrics() {
  const at::NoGradGuard no_gradient;
  const Attached& own = attached();
  std::map<std::string, double> metrics;
  if (own.distillation) metrics = own.distillation->metrics();
  metrics["sparsity"] = own.l0_module.expected_sparsity().item<double>();
  metrics["target_sparsity"] = target_at(own.step.item<std::int64_t>());
  for (const auto& [name, multiplier] : own.lagrangian.multipliers()) {
    metrics[name] = multiplier.item<double>();
  }
  if (own.last_penalty.defined()) metrics["lagrangian"] = own.last_penalty.item<double>();
  return metrics;
}

PrunePlan CofiCompressor::finish() {
  return PrunePlan::from_masks(final_masks(), attached().encoder);
}

NamedTensors CofiCompressor::Attached::tensors() const {
  NamedTensors tensors = l0_module.log_alphas().named("log_alpha.");
  for (const auto& multiplier : lagrangian.multipliers()) tensors.push_back(multiplier);
  if (distillation) {
    for (const auto& tensor : distillation->state()) tensors.push_back(tensor);
  }
  tensors.emplace_back("step", step);
  tensors.emplace_back("start", start);
  tensors.emplace_back("target", target);
  tensors.emplace_back("continues", continues);
  return tensors;
}

TensorMap CofiCompressor::state() const { return saved(attached().tensors()); }

void CofiCompressor::load_state(const TensorMap& state) {
  Attached& own = attached();
  restore(own.tensors(), state, "cofi");
  if (own.target.item<double>() == options_.schedule.target) return;
  own.start.copy_(own.target);
  own.target.fill_(options_.schedule.target);
  own.continues.fill_(true);
  own.step.fill_(0);
}

bool is_frozen_embedding(const std::string& name) {
  for (const char* part : {"position_embeddings", "token_type_embeddings", "embeddings.LayerNorm",
                           "second_pass.LayerNorm"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace prumux::cofi

// How a training begins, is saved, and goes on: everything around the loop of training.cpp.

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/train/random_state.h"
#include "core/train/training.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

// Parts of a checkpoint's names.
constexpr const char* kParameterPrefix = "parameter/";
constexpr const char* kObjectivePrefix = "objective/";
constexpr const char* kOptimizerPrefix = "optimizer/";
constexpr const char* kRandomState = "random_state";

void add_prefixed(TensorMap& all, const std::string& prefix, const TensorMap& part) {
  for (const auto& [name, tensor] : part) all[prefix + name] = tensor;
}

TensorMap extract_prefixed(const TensorMap& all, const std::string& prefix) {
  TensorMap part;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix)) part[name.substr(prefix.size())] = tensor;
  }
  return part;
}

std::int64_t count_steps_per_epoch(const TrainingOptions& options, std::int64_t batches) {
  if (options.accumulation_steps < 1)
    throw ConfigError(fmt::format("stage '{}': {} accumulation steps, expected at least 1",
                                  options.name, options.accumulation_steps));
  if (batches < options.accumulation_steps)
    throw DataError(fmt::format(
        "stage '{}': the data gives {} batches, fewer than the {} that one optimiser step "
        "accumulates: use smaller batches, fewer accumulation steps, or more data",
        options.name, batches, options.accumulation_steps));
  return batches / options.accumulation_steps;
}

std::int64_t count_total_steps(const TrainingOptions& options, std::int64_t steps_per_epoch) {
  if (options.max_steps > 0) return options.max_steps;
  return static_cast<std::int64_t>(
      std::ceil(options.epochs * static_cast<double>(steps_per_epoch)));
}

bool decays(const std::string& name, const OptimizerOptions& options) {
  return std::none_of(
      options.no_decay_names.begin(), options.no_decay_names.end(),
      [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

}  // namespace

Training::Training(const TrainingOptions& options, Objective& objective, BatchSource& source,
                   const Evaluator& evaluator)
    : options_(options),
      objective_(objective),
      source_(source),
      evaluator_(evaluator),
      batches_per_epoch_(source.batches_per_epoch()),
      steps_per_epoch_(count_steps_per_epoch(options, batches_per_epoch_)),
      total_steps_(count_total_steps(options, steps_per_epoch_)),
      store_(options.directory, options.fingerprint, options.checkpoint.keep) {}

void Training::start() {
  at::manual_seed(options_.seed);
  parameters_ = objective_.parameters();
  objective_.begin({total_steps_, steps_per_epoch_});
  const std::optional<Checkpoint> checkpoint = store_.load_newest();
  // The objective's state before the optimiser: loading it may replace parameters.
  if (checkpoint) load_model(checkpoint->tensors);
  make_optimizer();
  if (checkpoint) load_progress(*checkpoint);
  open_logs();
  batches_.emplace(source_, state_.position);
  progress_.emplace(options_.name, state_.step, total_steps_, options_.progress);
  if (checkpoint)
    progress_->message(fmt::format("{}: going on from the checkpoint of step {} of {}",
                                   options_.name, state_.step, total_steps_));
  objective_.set_training(true);
  last_checkpoint_ = Clock::now();
  if (checkpoint) restore_random_state(checkpoint->tensors.at(kRandomState));
}

void Training::make_optimizer() {
  const OptimizerOptions& options = options_.optimizer;
  AdamWGroup decaying{"decay", {}, options.learning_rate, true, options.weight_decay, false};
  AdamWGroup constant{"no_decay", {}, options.learning_rate, true, 0.0, false};
  for (const auto& [name, parameter] : parameters_) {
    if (!parameter.requires_grad()) continue;
    // Those that stay as they are count in the norm too, as in the reference (spec section 9).
    clipped_.push_back(parameter);
    if (objective_.trains(name)) {
      (decays(name, options) ? decaying : constant).parameters.emplace_back(name, parameter);
    } else {
      frozen_.push_back(parameter);
    }
  }
  std::vector<AdamWGroup> groups{std::move(decaying), std::move(constant)};
  for (const ParameterGroup& group : objective_.parameter_groups()) {
    if (group.clip_with_model) {
      for (const auto& [name, parameter] : group.parameters) clipped_.push_back(parameter);
    }
    groups.push_back(adamw_group(group, options.learning_rate));
  }
  optimizer_.emplace(std::move(groups),
                     AdamWConstants{options.beta1, options.beta2, options.epsilon});
}

void Training::open_logs() {
  const auto metrics_file = options_.directory / "metrics.jsonl";
  metrics_log_.emplace(metrics_file, state_.metrics_bytes);
  if (!options_.tensorboard) return;
  event_file_.emplace(options_.directory / "tensorboard" / "events.out.tfevents.prumux");
  for (const nlohmann::json& entry : MetricsLog::read(metrics_file)) event_file_->add(entry);
}

TensorMap Training::model_tensors() const {
  TensorMap tensors;
  for (const auto& [name, parameter] : parameters_)
    tensors[kParameterPrefix + name] = parameter.detach();
  add_prefixed(tensors, kObjectivePrefix, objective_.state());
  return tensors;
}

void Training::load_model(const TensorMap& tensors) {
  const at::NoGradGuard no_gradient;
  for (const auto& [name, parameter] : parameters_) {
    const auto found = tensors.find(kParameterPrefix + name);
    // Checkpoints of earlier versions hold no buffers.
    if (found == tensors.end() && !parameter.requires_grad()) continue;
    if (found == tensors.end() || found->second.sizes() != parameter.sizes())
      throw DataError(fmt::format(
          "a checkpoint in '{}' {} parameter '{}': it belongs to another model; remove the folder",
          store_.folder().string(), found == tensors.end() ? "lacks" : "has another shape of",
          name));
    at::Tensor(parameter).copy_(found->second);
  }
  objective_.load_state(extract_prefixed(tensors, kObjectivePrefix));
}

void Training::load_progress(const Checkpoint& checkpoint) {
  if (!checkpoint.tensors.contains(kRandomState))
    throw DataError(
        fmt::format("a checkpoint in '{}' lacks the random generator's state: remove the folder",
                    store_.folder().string()));
  state_ = checkpoint.state;
  resumed_from_ = state_.step;
  saved_step_ = state_.step;
  optimizer_->load_state(extract_prefixed(checkpoint.tensors, kOptimizerPrefix));
}

void Training::save_checkpoint() {
  if (saved_step_ == state_.step) return;
  state_.metrics_bytes = metrics_log_->sync();
  Checkpoint checkpoint{state_, model_tensors()};
  add_prefixed(checkpoint.tensors, kOptimizerPrefix, optimizer_->state());
  checkpoint.tensors[kRandomState] = random_state();
  store_.save(checkpoint);
  saved_step_ = state_.step;
  last_checkpoint_ = Clock::now();
}

void Training::restore_best() {
  if (state_.best_step) {
    load_model(store_.load_best(*state_.best_step));
  } else if (evaluator_) {
    spdlog::warn("{}: no evaluation met the target, so the last weights are kept", options_.name);
  }
}

}  // namespace prumux::train

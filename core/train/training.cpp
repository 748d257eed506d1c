#include "core/train/training.h"

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/plugin/error_context.h"
#include "core/train/random_state.h"
#include "core/train/schedule.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

/// Seed of everything random in an evaluation: the same each time.
constexpr std::uint64_t kEvaluationSeed = 0;

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

TrainingResult Training::run() {
  start();
  if (state_.step == 0 && options_.evaluation.before_training) evaluate(/*may_be_best=*/false);
  const std::int64_t log_interval = std::max<std::int64_t>(1, options_.log_every_steps);
  const std::int64_t evaluation_interval =
      options_.evaluation.every_steps > 0 ? options_.evaluation.every_steps : steps_per_epoch_;
  while (!finished()) {
    plugin::in_stage(
        [this] {
          return fmt::format("stage '{}', step {} of {}", options_.name, state_.step, total_steps_);
        },
        [&] {
          run_step();
          const bool last = state_.step == total_steps_;
          if (last || state_.step % log_interval == 0) log_step();
          if (last || state_.step % evaluation_interval == 0) evaluate(/*may_be_best=*/true);
        });
    if (finished()) break;
    if (checkpoint_is_due()) save_checkpoint();
    stop_if_requested();
  }
  metrics_log_->sync();
  if (options_.evaluation.keep_best) restore_best();
  objective_.set_training(false);
  return {state_.step, resumed_from_, stopped_early_, state_.best_step, state_.best, state_.last};
}

void Training::run_step() {
  const auto begin = Clock::now();
  step_examples_ = 0;
  // Micro-batches left over at the end of an epoch add to the next step (spec section 17).
  do {
    run_micro_batch();
  } while (state_.position.index % options_.accumulation_steps != 0);
  update();
  const double seconds = seconds_between(begin, Clock::now());
  logged_seconds_ += seconds;
  logged_examples_ += step_examples_;
  progress_->step(state_.step, micro_batch_loss_, step_examples_, seconds);
}

void Training::run_micro_batch() {
  const text::Batch batch = batches_->next();
  state_.position = state_.position.index < batches_per_epoch_
                        ? DataPosition{state_.position.epoch, state_.position.index + 1}
                        : DataPosition{state_.position.epoch + 1, 1};
  const at::Tensor loss = objective_.loss(batch, state_.step);
  micro_batch_loss_ = loss.item<double>();
  if (!std::isfinite(micro_batch_loss_)) fail_numerically("loss", micro_batch_loss_);
  (loss / static_cast<double>(options_.accumulation_steps)).backward();
  state_.loss_sum += micro_batch_loss_;
  ++state_.loss_count;
  step_examples_ += batch.input_ids.size(0);
}

void Training::update() {
  gradient_norm_ = clip_gradients(clipped_, options_.optimizer.max_gradient_norm);
  if (!std::isfinite(gradient_norm_)) fail_numerically("gradient's norm", gradient_norm_);
  const double factor = schedule_factor(options_.schedule, state_.step, total_steps_);
  learning_rate_ = options_.optimizer.learning_rate * factor;
  optimizer_->step(factor);
  ++state_.step;
  objective_.after_step(state_.step);
  optimizer_->zero_gradients();
  for (const at::Tensor& parameter : frozen_) parameter.mutable_grad().reset();
}

void Training::evaluate(bool may_be_best) {
  if (!evaluator_) return;
  objective_.set_training(false);
  Evaluation evaluation;
  bool meets_target = false;
  {
    const IsolatedRandomness isolated(kEvaluationSeed);
    const at::NoGradGuard no_gradient;
    evaluation = evaluator_();
    meets_target = objective_.meets_target();
  }
  objective_.set_training(true);

  const double sign = options_.evaluation.higher_is_better ? 1.0 : -1.0;
  const bool is_best = may_be_best && meets_target && std::isfinite(evaluation.score) &&
                       (!state_.best || sign * evaluation.score > sign * state_.best->score);
  state_.last = evaluation;
  if (is_best) {
    state_.best = evaluation;
    state_.best_step = state_.step;
    state_.evaluations_without_best = 0;
    if (options_.evaluation.keep_best) store_.save_best(state_.step, model_tensors());
  } else if (may_be_best && meets_target) {
    ++state_.evaluations_without_best;
  }
  const std::int64_t patience = options_.evaluation.patience;
  stopped_early_ = patience > 0 && state_.evaluations_without_best >= patience;

  record({{"evaluation", evaluation.metrics},
          {"score", evaluation.score},
          {"meets_target", meets_target},
          {"best", is_best}});
  progress_->message(fmt::format("{}: step {} of {}, evaluation score {:.4f}{}", options_.name,
                                 state_.step, total_steps_, evaluation.score,
                                 is_best ? " (best)" : ""));
}

void Training::log_step() {
  const std::map<std::string, double> metrics = objective_.metrics();
  progress_->set_metrics(metrics);
  record({{"loss", state_.loss_sum / static_cast<double>(state_.loss_count)},
          {"learning_rate", learning_rate_},
          {"gradient_norm", gradient_norm_},
          {"metrics", metrics},
          {"timing",
           {{"examples_per_second", static_cast<double>(logged_examples_) / logged_seconds_}}}});
  state_.loss_sum = 0.0;
  state_.loss_count = 0;
  logged_examples_ = 0;
  logged_seconds_ = 0.0;
}

void Training::record(nlohmann::json entry) {
  entry["step"] = state_.step;
  entry["epoch"] = epoch();
  entry["timing"]["unix_time"] = unix_time();
  metrics_log_->append(entry);
  if (event_file_) event_file_->add(entry);
}

bool Training::checkpoint_is_due() const {
  const CheckpointOptions& options = options_.checkpoint;
  if (options.every_steps > 0 && state_.step % options.every_steps == 0) return true;
  return options.every_minutes > 0 &&
         seconds_between(last_checkpoint_, Clock::now()) >= 60.0 * options.every_minutes;
}

void Training::stop_if_requested() {
  if (!options_.stop_requested || !options_.stop_requested()) return;
  save_checkpoint();
  throw Interrupted(fmt::format(
      "stage '{}' was interrupted at step {} of {}; its state is saved in '{}', and the same "
      "command goes on from there",
      options_.name, state_.step, total_steps_, store_.folder().string()));
}

void Training::fail_numerically(const std::string& what, double value) const {
  const std::string kept = saved_step_ > 0
                               ? fmt::format("the checkpoint of step {} is kept in '{}'",
                                             saved_step_, store_.folder().string())
                               : "no checkpoint had been saved yet";
  throw NumericError(fmt::format(
      "stage '{}', step {} of {}: the {} is {}. Lower the learning rate, warm up for more steps, "
      "clip gradients{}; {}",
      options_.name, state_.step + 1, total_steps_, what, value,
      options_.precision == Precision::bfloat16 ? ", or train in float32" : "", kept));
}

double Training::epoch() const {
  return static_cast<double>(state_.position.epoch) +
         static_cast<double>(state_.position.index) / static_cast<double>(batches_per_epoch_);
}

}  // namespace prumux::train

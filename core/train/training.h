#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/train/adamw.h"
#include "core/train/checkpoint.h"
#include "core/train/event_file.h"
#include "core/train/metrics_log.h"
#include "core/train/prefetcher.h"
#include "core/train/progress.h"
#include "core/train/trainer.h"
#include "core/train/training_state.h"

namespace prumux::train {

/// One call of `train`: the loop and everything that it holds.
class Training {
 public:
  Training(const TrainingOptions& options, Objective& objective, BatchSource& source,
           const Evaluator& evaluator);

  TrainingResult run();

 private:
  using Clock = std::chrono::steady_clock;

  void start();
  void make_optimizer();
  void load_progress(const Checkpoint& checkpoint);
  void open_logs();

  void run_step();
  void run_micro_batch();
  void update();
  void evaluate(bool may_be_best);
  void log_step();
  void record(nlohmann::json entry);

  void save_checkpoint();
  bool checkpoint_is_due() const;
  void stop_if_requested();
  void restore_best();

  TensorMap model_tensors() const;
  void load_model(const TensorMap& tensors);
  [[noreturn]] void fail_numerically(const std::string& what, double value) const;
  double epoch() const;
  bool finished() const { return state_.step >= total_steps_ || stopped_early_; }

  const TrainingOptions& options_;
  Objective& objective_;
  BatchSource& source_;
  const Evaluator& evaluator_;
  std::int64_t batches_per_epoch_;
  std::int64_t steps_per_epoch_;
  std::int64_t total_steps_;

  NamedTensors parameters_;
  std::vector<at::Tensor> clipped_;  // parameters of the global norm
  std::vector<at::Tensor> frozen_;   // with gradients, but outside of the optimiser
  std::optional<AdamW> optimizer_;
  CheckpointStore store_;
  std::optional<MetricsLog> metrics_log_;
  std::optional<EventFile> event_file_;
  std::optional<Prefetcher> batches_;
  std::optional<Progress> progress_;

  TrainingState state_;
  std::int64_t resumed_from_ = 0;
  std::int64_t saved_step_ = 0;
  bool stopped_early_ = false;

  // Of the newest step, for the log.
  double gradient_norm_ = 0.0;
  double learning_rate_ = 0.0;
  double micro_batch_loss_ = 0.0;
  std::int64_t step_examples_ = 0;
  std::int64_t logged_examples_ = 0;  // since the last line of the log
  double logged_seconds_ = 0.0;
  Clock::time_point last_checkpoint_;
};

}  // namespace prumux::train

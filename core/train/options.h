#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace prumux::train {

/// Number format of the forward and backward pass; weights and optimiser stay in float32.
enum class Precision { float32, bfloat16 };

enum class ScheduleKind { linear, constant, cosine };

/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019).
struct OptimizerOptions {
  double learning_rate = 5e-5;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  /// Parameters whose name contains one of these do not decay (spec section 9).
  std::vector<std::string> no_decay_names = {"bias", "LayerNorm.weight"};
  double max_gradient_norm = 1.0;  ///< Of all the model's gradients together; 0 does not clip.
};

/// How the learning rate of the model's parameters changes.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::linear;
  std::int64_t warmup_steps = 0;  ///< Linear rise from 0; wins over `warmup_ratio` when positive.
  double warmup_ratio = 0.0;      ///< Share of all steps.
};

struct EvaluationOptions {
  std::int64_t every_steps = 0;  ///< 0: at the end of every epoch. The last step is evaluated too.
  bool before_training = false;  ///< For the log only; never counts as the best.
  bool higher_is_better = true;  ///< False when the score is a loss.
  bool keep_best = true;         ///< The model ends with its best weights, not its last.
  std::int64_t patience = 0;  ///< Evaluations without a new best before stopping; 0: never stops.
};

struct CheckpointOptions {
  std::int64_t every_steps = 0;  ///< 0: not by steps.
  double every_minutes = 10.0;   ///< 0: not by time.
  std::int64_t keep = 2;
};

struct TrainingOptions {
  std::string name = "train";           ///< The stage's, for messages.
  std::filesystem::path directory;      ///< Receives metrics.jsonl, checkpoints, tensorboard.
  std::string fingerprint;              ///< Checkpoints with another one are refused.
  double epochs = 3.0;                  ///< Passes over the data; may be fractional.
  std::int64_t max_steps = 0;           ///< Optimiser steps; wins over `epochs` when positive.
  std::int64_t accumulation_steps = 1;  ///< Micro-batches of one optimiser step.
  std::uint64_t seed = 42;              ///< Of dropout and of everything that the objective draws.
  Precision precision = Precision::float32;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  EvaluationOptions evaluation;
  CheckpointOptions checkpoint;
  std::int64_t log_every_steps = 10;
  bool tensorboard = false;
  bool progress = true;                  ///< Progress on standard error.
  std::function<bool()> stop_requested;  ///< Asked after every step; may be empty.
};

}  // namespace prumux::train

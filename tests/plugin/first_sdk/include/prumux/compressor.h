#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/export.h"
#include "prumux/parameters.h"
#include "prumux/structure.h"
#include "prumux/tensors.h"

namespace prumux {

/// What the host knows when it makes a compressor; the model comes with `attach`.
struct CompressorArguments {
  Parameters parameters;
};

/// The model that a compressor works on, as the host shows it. Valid while the compressor is
/// attached; tensors share storage with the model.
class PRUMUX_EXPORT ModelView {
 public:
  virtual ~ModelView();
  virtual const EncoderConfig& encoder() const = 0;
  virtual std::int64_t num_instances() const = 0;
  /// Trainable and frozen parameters under their checkpoint names.
  virtual NamedTensors parameters() const = 0;
};

/// How long the host will train.
struct CompressionSchedule {
  std::int64_t total_steps = 0;      ///< Optimiser steps of the stage.
  std::int64_t steps_per_epoch = 0;  ///< Optimiser steps of one pass over the data.
};

/// Parameters of the compressor itself, with their own optimiser settings.
struct ParameterGroup {
  std::string name;
  NamedTensors parameters;
  /// Constant learning rate; absent: the model's rate and schedule.
  std::optional<double> learning_rate;
  double weight_decay = 0.0;
  bool maximize = false;         ///< Gradient ascent (Lagrange multipliers).
  bool clip_with_model = false;  ///< Its gradients count in the model's global norm.
};

/// What one forward pass gave.
struct ForwardRecord {
  at::Tensor logits;                      ///< [R, C].
  std::vector<at::Tensor> hidden_states;  ///< Embedding output, then every layer: [B, L, d].
  at::Tensor attention_mask;              ///< [R, L].
};

/// One micro-batch of training, as a compressor sees it.
struct TrainingStep {
  std::int64_t step = 0;                  ///< Optimiser steps done since the stage began.
  const StructureMasks* masks = nullptr;  ///< Those returned by `training_masks`.
  const ForwardRecord* student = nullptr;
  const ForwardRecord* teacher = nullptr;  ///< Null unless `needs_teacher`.
  at::Tensor task_loss;                    ///< Scalar, mean over the rows.
};

/// Makes a model smaller while, or after, it is trained. Lifecycle, one thread: attach; then, for
/// each micro-batch, training_masks and loss; after every optimiser step after_step; in between
/// evaluation_masks any number of times; finish once. `state` and `load_state` (after attach)
/// carry a run over a restart: the continued run must give the same bits.
///
/// Random numbers come from libtorch's default generator, which the host seeds, saves and restores.
class PRUMUX_EXPORT Compressor {
 public:
  virtual ~Compressor();

  virtual bool needs_teacher() const { return false; }
  virtual bool needs_hidden_states() const { return false; }

  virtual void attach(const ModelView& model, const CompressionSchedule& schedule) = 0;

  /// Masks for the next micro-batch; may carry gradients to the compressor's own parameters.
  virtual StructureMasks training_masks(std::int64_t step) = 0;

  /// Deterministic masks for evaluation at this moment.
  virtual StructureMasks evaluation_masks() = 0;

  /// The loss to minimise, a scalar. The default is the task's own loss.
  virtual at::Tensor loss(const TrainingStep& step);

  /// The compressor's own parameters. The default has none.
  virtual std::vector<ParameterGroup> parameter_groups();

  /// Whether the model's parameter `name` is to be trained during compression.
  virtual bool trains(const std::string& name) const;

  virtual void after_step(std::int64_t step);

  /// Whether the current masks meet the target, so that an evaluation may count as the best.
  virtual bool meets_target() { return true; }

  /// Numbers for the log, e.g. {"sparsity": 0.41, "target_sparsity": 0.45}. Units in the names.
  virtual std::map<std::string, double> metrics();

  /// What is to be removed from the model now.
  virtual PrunePlan finish() = 0;

  virtual TensorMap state() const = 0;
  /// Throws `DataError` when `state` is not one of this method with these parameters.
  virtual void load_state(const TensorMap& state) = 0;
};

}  // namespace prumux

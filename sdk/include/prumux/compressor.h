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
  Parameters parameters;  ///< As the pipeline gives them.
};

/// The model that a compressor works on, as the host shows it. Valid while the compressor is
/// attached; tensors share storage with the model.
class PRUMUX_EXPORT ModelView {
 public:
  virtual ~ModelView();
  /// The dense architecture.
  virtual const EncoderConfig& encoder() const = 0;
  /// Inputs that share one forward pass; 1 in a plain model.
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
  std::string name;         ///< For the log.
  NamedTensors parameters;  ///< Leaves with `requires_grad`; the names are those of the checkpoint.
  /// Constant learning rate; absent: the model's rate and schedule.
  std::optional<double> learning_rate;
  double weight_decay = 0.0;     ///< Decoupled, as in AdamW.
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
  std::int64_t step = 0;                   ///< Optimiser steps done since the stage began.
  const StructureMasks* masks = nullptr;   ///< Those returned by `training_masks`.
  const ForwardRecord* student = nullptr;  ///< Of the model under the masks, with gradients.
  const ForwardRecord* teacher = nullptr;  ///< Null unless `needs_teacher`.
  at::Tensor task_loss;                    ///< Scalar, mean over the rows.
  /// In which the forward passes computed their products, although what they gave is float32. Since
  /// 1.4; hosts before have no such member.
  at::ScalarType product_type = at::kFloat;
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

  /// Whether `TrainingStep::teacher` is wanted. Asked before `attach` too.
  virtual bool needs_teacher() const { return false; }
  /// Whether `ForwardRecord::hidden_states` is wanted.
  virtual bool needs_hidden_states() const { return false; }

  /// Begins the work on `model`, which outlives the compressor. Throws `ConfigError` when the
  /// parameters do not fit the model.
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

  /// Called after the optimiser's step number `step` (the first is 1); gradients are still there.
  virtual void after_step(std::int64_t step);

  /// Whether the current masks meet the target, so that an evaluation may count as the best.
  virtual bool meets_target() { return true; }

  /// Numbers for the log, e.g. {"sparsity": 0.41, "target_sparsity": 0.45}. Units in the names.
  virtual std::map<std::string, double> metrics();

  /// What is to be removed from the model now.
  virtual PrunePlan finish() = 0;

  /// All that a restart needs beside the parameters and the random generator.
  virtual TensorMap state() const = 0;
  /// Goes on from `state`. When that was left by a run to a lower target, the last of a sweep, this
  /// run starts where it has arrived; a resumed run has the same target. Throws `DataError` when
  /// `state` is not one of this method for this model.
  virtual void load_state(const TensorMap& state) = 0;

  /// Asked after `finish`, whose plan is applied first: weights [out, in] of encoder layers, under
  /// their checkpoint names, of which the host makes products [out, rank] [rank, in], and the rank.
  /// Each product is the nearest to its weight, so that nothing changes where the weight has that
  /// rank already. The default has none. Since version 2 of the interface.
  virtual std::map<std::string, std::int64_t> ranks();
};

}  // namespace prumux

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "distillation.h"
#include "l0_module.h"
#include "lagrangian.h"
#include "prumux/compressor.h"
#include "pruning_type.h"

namespace prumux::cofi {

struct CofiOptions {
  PruningType pruning_type;
  SparsitySchedule schedule;  ///< A warm-up of -1: a share of the steps of the training.
  std::int64_t prepruning_steps = 0;
  double learning_rate = 0.0;  ///< 0: by the steps of the training.
  double temperature = 2.0 / 3.0;
  double sparsity_epsilon = 0.01;
  bool freeze_embeddings = true;
  bool match_target = true;
  std::optional<DistillationOptions> distillation;

  /// Throws `ConfigError` naming the parameter that does not make sense.
  static CofiOptions from(const Parameters& parameters);
};

/// CoFi: coarse- and fine-grained structured pruning with distillation (Xia et al., ACL 2022).
///
/// For `prepruning_steps` optimiser steps there are no masks. Then every micro-batch samples masks,
/// and the Lagrangian drives the expected sparsity to its target.
class CofiCompressor : public Compressor {
 public:
  explicit CofiCompressor(const CompressorArguments& arguments);

  bool needs_teacher() const override { return options_.distillation.has_value(); }
  bool needs_hidden_states() const override;

  /// Throws `DataError` when the model is physically pruned already.
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;

  StructureMasks training_masks(std::int64_t step) override;

  /// As `training_masks`, from the given uniform noise.
  StructureMasks training_masks(std::int64_t step, const UnitTensors& noise);

  /// Before pruning begins: none. Once `meets_target`, the masks that `finish` exports, so that
  /// what is evaluated as the best is what is shipped; until then those that remove the expected
  /// number of units.
  StructureMasks evaluation_masks() override;

  /// The task's loss, or the distillation's, plus the Lagrangian.
  at::Tensor loss(const TrainingStep& step) override;

  std::vector<ParameterGroup> parameter_groups() override;

  /// With `freeze_embeddings`: everything but position and type embeddings and the embeddings'
  /// LayerNorm. Word embeddings train, as they do in the authors' code when they are tied.
  bool trains(const std::string& name) const override;

  void after_step(std::int64_t step) override;

  /// Whether the expected sparsity is not more than `sparsity_epsilon` below the final target.
  bool meets_target() override;

  /// Shares in [0, 1]: "sparsity" (expected), "target_sparsity" (of this step); and the losses and
  /// multipliers of the last micro-batch.
  std::map<std::string, double> metrics() override;

  /// With `match_target`, the share of prunable parameters that the plan removes is the target's,
  /// to 0.002 where the structure allows it.
  PrunePlan finish() override;

  TensorMap state() const override;

  /// When the state was left by a run to another target, the target rises from that one, at once.
  void load_state(const TensorMap& state) override;

 private:
  /// Everything that exists only for a model.
  struct Attached {
    EncoderConfig encoder;
    L0Module l0_module;
    Lagrangian lagrangian;
    std::optional<Distillation> distillation;
    std::int64_t total_steps;
    at::Tensor step;       ///< Optimiser steps done: an integer scalar.
    at::Tensor start;      ///< Sparsity from which the target rises.
    at::Tensor target;     ///< Sparsity to which it rises.
    at::Tensor continues;  ///< Whether the start is another run's target: a boolean scalar.
    at::Tensor last_penalty;

    NamedTensors tensors() const;
  };

  Attached& attached();
  const Attached& attached() const;
  std::int64_t prepruning_steps() const;
  double learning_rate() const;
  bool pruning_at(std::int64_t step) const { return step >= prepruning_steps(); }
  double target_at(std::int64_t step) const;
  StructureMasks final_masks() const;

  CofiOptions options_;
  std::optional<Attached> attached_;
};

/// Whether `freeze_embeddings` freezes the model's parameter `name`.
bool is_frozen_embedding(const std::string& name);

}  // namespace prumux::cofi

#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "prumux/compressor.h"
#include "prumux/export.h"
#include "prumux/plugin.h"
#include "prumux/structure_scores.h"

namespace prumux {

/// What every method that prunes by scores lets its user choose.
struct ScorePruningOptions {
  double target_sparsity = 0.0;       ///< Share of the parameters of the blocks to remove.
  std::int64_t prepruning_steps = 0;  ///< Optimiser steps without masks.
  std::int64_t warmup_steps = -1;     ///< Over which the sparsity rises; -1: 60 % of the rest.
  std::int64_t update_every = 10;     ///< Optimiser steps between two rankings.
  Ranking ranking = Ranking::global;  ///< How units of all layers compare.
  bool prune_hidden = false;          ///< Whether hidden dimensions are removed too.
  double distillation_weight = 0.5;   ///< Of the teacher's logits; the rest is the task's loss.

  /// Reads the parameters of `kScorePruningParameters` and `ranking_parameter`.
  PRUMUX_EXPORT static ScorePruningOptions from(const Parameters& parameters);
};

/// Prunes the units that score lowest, more and more of them (Zhu and Gupta 2018: the share rises
/// with the cube of the progress), while the model trains on its task and a teacher's logits. A
/// method says how it scores; this class does all else, sweeps and restarts included.
class PRUMUX_EXPORT ScorePruning : public Compressor {
 public:
  /// `name` is the method's, for messages.
  ScorePruning(std::string name, const ScorePruningOptions& options);
  ~ScorePruning() override;

  bool needs_teacher() const override { return options_.distillation_weight > 0.0; }

  /// Throws `DataError` when the model is physically pruned already.
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;
  void after_step(std::int64_t step) override;

  /// Whether as much is pruned as in the end.
  bool meets_target() override;

  /// Shares in [0, 1]: "sparsity" (of the masks), "target_sparsity" (of this step).
  std::map<std::string, double> metrics() override;

  PrunePlan finish() override;
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 protected:
  /// As given.
  const ScorePruningOptions& options() const { return options_; }

  /// Called by `attach`, when the model is known to be dense.
  virtual void begin(const ModelView& model) = 0;

  /// The scores at this moment. Those of hidden dimensions are read with `prune_hidden` only.
  virtual StructureScores scores() = 0;

  /// Whether `observe` is to be called, for which every unit gets a mask, removed ones included.
  virtual bool observes_gradients() const { return false; }

  /// The gradients of the loss with respect to the masks of an optimiser step, summed over its
  /// micro-batches. Those of removed hidden dimensions are 0.
  virtual void observe(const StructureScores& gradients);

  /// What the method has to remember over a restart, sharing storage with it.
  virtual NamedTensors score_state() const { return {}; }

 private:
  struct Progress;

  Progress& progress();
  const Progress& progress() const;
  double sparsity_at(std::int64_t step) const;
  void update_masks(std::int64_t step);
  void prune_to(double sparsity);
  NamedTensors tensors() const;

  std::string name_;
  ScorePruningOptions options_;
  std::unique_ptr<Progress> progress_;
};

/// The parameters that all methods that prune by scores have; see `joined`.
inline constexpr std::array kScorePruningParameters = {
    real_parameter("target_sparsity", nullptr, 0, 0.99, "share",
                   "Share of the parameters of attention and FFN blocks to remove"),
    integer_parameter("prepruning_steps", "0", 0, HUGE_VAL, "optimiser steps",
                      "Steps of training without masks before pruning begins"),
    integer_parameter("warmup_steps", "-1", -1, HUGE_VAL, "optimiser steps",
                      "Steps over which the sparsity rises to its target, fast at first; 0: at "
                      "once; -1: 60 % of all"),
    integer_parameter("update_every", "10", 1, HUGE_VAL, "optimiser steps",
                      "Steps between two rankings of the units, while the sparsity rises"),
    boolean_parameter("prune_hidden", "false",
                      "Also remove hidden dimensions, the share sqrt(1 - target) stays; false: "
                      "heads and intermediate dimensions only"),
    real_parameter("distillation_weight", "0.5", 0, 1, "share",
                   "Weight of the teacher's logits (temperature 2) against the task's own loss; "
                   "0: without a teacher"),
};

/// The parameter `ranking` with the default that suits a method: "global" or "balanced".
constexpr PrumuxParameterV1 ranking_parameter(const char* default_value) {
  return string_parameter("ranking", default_value, "global|balanced",
                          "How units of different layers and kinds compare: by score for each "
                          "parameter, or by how they stand among those of their layer and kind");
}

/// A method's schema: the common parameters, then its own.
template <std::size_t N, std::size_t M>
constexpr std::array<PrumuxParameterV1, N + M> joined(const std::array<PrumuxParameterV1, N>& a,
                                                      const std::array<PrumuxParameterV1, M>& b) {
  std::array<PrumuxParameterV1, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = b[i];
  return all;
}

}  // namespace prumux

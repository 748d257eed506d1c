#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prumux/compressor.h"

namespace prumux::layer_dropping {

/// Drops whole layers, chosen by their place alone, and trains the rest (Sajjad et al. 2023).
class LayerDropping : public Compressor {
 public:
  explicit LayerDropping(const CompressorArguments& arguments);

  bool needs_teacher() const override { return distillation_weight_ > 0.0; }

  /// Throws `DataError` when the model is physically pruned already.
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;
  void after_step(std::int64_t step) override;

  /// Whether every layer is gone that is to go.
  bool meets_target() override;

  /// Shares in [0, 1]: "sparsity" (of the masks), "target_sparsity" (of this step).
  std::map<std::string, double> metrics() override;

  PrunePlan finish() override;
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  /// What exists only for a model; the scalars are its state.
  struct Attached {
    EncoderConfig encoder;
    std::vector<std::int64_t> order;
    at::Tensor step;    ///< Optimiser steps done.
    at::Tensor start;   ///< Sparsity from which this run began.
    at::Tensor target;  ///< Sparsity to which it goes.

    NamedTensors tensors() const;
  };

  Attached& attached();
  const Attached& attached() const;
  double sparsity_at(std::int64_t step) const;
  StructureMasks masks_at(double sparsity) const;

  std::string strategy_;
  double target_sparsity_;
  std::int64_t warmup_steps_;
  double distillation_weight_;
  std::optional<Attached> attached_;
};

}  // namespace prumux::layer_dropping

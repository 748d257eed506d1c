#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "layer_alignment.h"
#include "layer_transformation.h"
#include "prumux/compressor.h"
#include "prumux/parameters.h"
#include "prumux/tensors.h"

namespace prumux::cofi {

struct DistillationOptions {
  AlignmentVersion version = AlignmentVersion::closest_ordered;
  Matching matching = Matching::fixed;
  double temperature = 2.0;
  double alpha_layer = 0.9;
  double alpha_ce = 0.1;
  double alpha_task = 0.0;
  double transformation_weight_decay = 0.0;

  /// Reads the method's parameters. Throws `ConfigError` when every weight is 0.
  static DistillationOptions from(const Parameters& parameters);
};

/// What the student learns from a teacher (Xia et al. 2022, section 3.2):
/// alpha_layer * layers + alpha_ce * logits + alpha_task * the task's own loss. The layer term is
/// the sum, over aligned layers, of the mean squared error of the transformed student's hidden
/// states.
///
/// A teacher whose hidden states have other rows, positions or widths than the student's
/// (another number of instances, for example) is distilled through its logits only; `metrics` then
/// has "layer_distillation_skipped" = 1.
class Distillation {
 public:
  Distillation(const DistillationOptions& options, const ModelView& student);

  bool needs_hidden_states() const { return options_.alpha_layer > 0.0; }

  /// The loss of one micro-batch, a float32 scalar.
  /// Throws `DataError` when the step has no teacher, or nothing of it can be distilled.
  at::Tensor loss(const TrainingStep& step);

  std::vector<ParameterGroup> parameter_groups() const;

  /// "layer_loss" and "ce_loss" of the last call of `loss`, before their weights.
  std::map<std::string, double> metrics() const;

  /// The tensors of a checkpoint, sharing storage with this object.
  NamedTensors state() const;

 private:
  at::Tensor layer_loss(const TrainingStep& step);
  std::vector<LayerPair> aligned(const TrainingStep& step) const;
  bool comparable(const TrainingStep& step) const;

  DistillationOptions options_;
  std::optional<LayerTransformation> transformation_;
  at::Tensor last_layer_loss_;
  at::Tensor last_ce_loss_;
  bool layers_skipped_ = false;
};

}  // namespace prumux::cofi

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux::train {

/// A model without multiplexing that is imitated.
struct ImitatedModel {
  std::int64_t hidden_size = 0;
  /// Its last hidden states [T, hidden_size] of a batch's tokens without the padding, row after
  /// row.
  std::function<at::Tensor(const text::Batch&)> token_states;
};

/// A multiplexed model learns to compute, for every instance by itself, what a model without
/// multiplexing computes: the squared distance between a linear map of the separated features and
/// the teacher's last hidden states, as a share of their variance. Every number of every token is a
/// target, and no label and no vocabulary head is needed. The map, learnt along, frees the features
/// from the teacher's scale, which their LayerNorm could not leave; it ends with the training.
///
/// Metrics: "unexplained_variance" of the last micro-batch; 1 is what a constant reaches.
class ImitationObjective : public Objective {
 public:
  /// Throws `ConfigError` when the teacher has another hidden size.
  ImitationObjective(std::shared_ptr<model::Model> student, ImitatedModel teacher,
                     Precision precision);

  NamedTensors parameters() override;
  void set_training(bool training) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;
  std::vector<ParameterGroup> parameter_groups() override;
  std::map<std::string, double> metrics() override { return metrics_; }
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  std::shared_ptr<model::Model> student_;
  ImitatedModel teacher_;
  Precision precision_;
  at::Tensor map_;  // [d, d]
  std::map<std::string, double> metrics_;
};

}  // namespace prumux::train

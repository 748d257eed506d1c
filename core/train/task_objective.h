#pragma once

#include <cstdint>
#include <memory>

#include "core/model/model.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux::train {

/// The rows of `batch` as a model takes them.
model::ModelInputs model_inputs(const text::Batch& batch);

/// Mean loss of the rows, or words: cross-entropy, or mean squared error for a model of one label.
/// `logits` [R, C], `labels` [R]. Throws `DataError` when a label is none of the C classes.
at::Tensor task_loss(const at::Tensor& logits, const at::Tensor& labels);

/// Trains on a task's own loss.
class TaskObjective : public Objective {
 public:
  TaskObjective(std::shared_ptr<model::Model> model, Precision precision);

  NamedTensors parameters() override;
  void set_training(bool training) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;

 private:
  std::shared_ptr<model::Model> model_;
  Precision precision_;
};

}  // namespace prumux::train

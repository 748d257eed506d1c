#include "core/train/task_objective.h"

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include <utility>

#include "core/train/autocast.h"
#include "core/train/word_labels.h"
#include "prumux/error.h"

namespace prumux::train {

model::ModelInputs model_inputs(const text::Batch& batch) {
  return {batch.input_ids, batch.attention_mask, batch.token_type_ids};
}

at::Tensor task_loss(const at::Tensor& logits, const at::Tensor& labels) {
  // No word of the batch has a token: a zero that still has a gradient.
  if (labels.numel() == 0) return logits.sum() * 0.0;
  const std::int64_t classes = logits.size(1);
  if (classes == 1) return at::mse_loss(logits.squeeze(1), labels.to(at::kFloat));
  const auto smallest = labels.min().item<std::int64_t>();
  const auto largest = labels.max().item<std::int64_t>();
  if (at::isFloatingType(labels.scalar_type()) || smallest < 0 || largest >= classes)
    throw DataError(
        fmt::format("the data has labels from {} to {}, but the model has the {} "
                    "classes 0 to {}: train a classifier for this task first",
                    smallest, largest, classes, classes - 1));
  return at::cross_entropy_loss(logits, labels);
}

TaskObjective::TaskObjective(std::shared_ptr<model::Model> model, Precision precision)
    : model_(std::move(model)), precision_(precision) {}

NamedTensors TaskObjective::parameters() { return model_->checkpoint_parameters(); }

void TaskObjective::set_training(bool training) { model_->train(training); }

at::Tensor TaskObjective::loss(const text::Batch& batch, std::int64_t /*step*/) {
  at::Tensor logits;
  {
    const Autocast autocast(precision_);
    logits = model_->forward(model_inputs(batch)).logits;
  }
  return task_loss(labelled_logits(logits, batch.labels).to(at::kFloat), labelled(batch.labels));
}

}  // namespace prumux::train

#include "core/train/evaluation.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/model/evaluation_mode.h"
#include "core/text/metrics.h"
#include "core/train/autocast.h"
#include "core/train/sources.h"
#include "core/train/task_objective.h"
#include "core/train/word_labels.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

std::vector<double> to_vector(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kDouble).contiguous();
  const auto* data = values.const_data_ptr<double>();
  return {data, data + values.numel()};
}

/// Calls `consume` with the float32 logits of each batch of pass 0, and the batch.
template <typename Consume>
void for_each_batch(model::Model& model, BatchSource& source, const StructureMasks* masks,
                    Precision precision, const Consume& consume) {
  const at::NoGradGuard no_gradient;
  const model::EvaluationMode evaluation_mode(model);
  model::ForwardOptions options;
  options.masks = masks;
  for (std::int64_t index = 0; index < source.batches_per_epoch(); ++index) {
    const text::Batch batch = source.batch(0, index);
    at::Tensor logits;
    {
      const Autocast autocast(precision);
      logits = model.forward(model_inputs(batch), options).logits;
    }
    consume(logits.to(at::kFloat), batch);
  }
}

text::Scores word_scores(model::Model& model, const text::Task& task, BatchSource& source,
                         const std::vector<std::string>& names, const StructureMasks* masks,
                         Precision precision) {
  text::LabelRows predicted, actual;
  for_each_batch(model, source, masks, precision,
                 [&](const at::Tensor& logits, const text::Batch& batch) {
                   append_word_classes(logits, batch.labels, predicted, actual);
                 });
  return text::score_labelled_words(task, names, predicted, actual);
}

text::Scores row_scores(model::Model& model, const text::Task& task, BatchSource& source,
                        const StructureMasks* masks, Precision precision) {
  const Predictions result = predict(model, source, masks, precision);
  const at::Tensor values =
      task.is_regression ? result.logits.select(1, 0) : result.logits.argmax(1);
  return text::score_predictions(task, to_vector(values), to_vector(result.labels));
}

}  // namespace

Predictions predict(model::Model& model, BatchSource& source, const StructureMasks* masks,
                    Precision precision) {
  std::vector<at::Tensor> logits, labels;
  for_each_batch(model, source, masks, precision,
                 [&](const at::Tensor& of_batch, const text::Batch& batch) {
                   logits.push_back(of_batch);
                   labels.push_back(batch.labels);
                 });
  if (logits.empty()) throw DataError("there is nothing to evaluate: the data has no rows");
  return {at::cat(logits), at::cat(labels)};
}

Evaluator task_evaluator(std::shared_ptr<model::Model> model, const text::Task& task,
                         const text::Dataset& dataset, std::int64_t groups_per_batch,
                         Precision precision, std::shared_ptr<Compressor> compressor) {
  auto source =
      std::make_shared<EvaluationSource>(dataset, groups_per_batch * model->num_instances());
  return [model = std::move(model), task, source = std::move(source), precision,
          compressor = std::move(compressor), names = dataset.label_names()] {
    std::optional<StructureMasks> masks;
    if (compressor) masks = compressor->evaluation_masks();
    const StructureMasks* used = masks ? &*masks : nullptr;
    const text::Scores scores = task.labels_words
                                    ? word_scores(*model, task, *source, names, used, precision)
                                    : row_scores(*model, task, *source, used, precision);
    return Evaluation{text::main_score(task, scores), scores};
  };
}

Evaluator loss_evaluator(Objective& objective, std::shared_ptr<BatchSource> source,
                         std::int64_t max_batches) {
  return [&objective, source = std::move(source), max_batches] {
    const std::int64_t all = source->batches_per_epoch();
    const std::int64_t count = max_batches > 0 ? std::min(all, max_batches) : all;
    std::map<std::string, double> means;
    for (std::int64_t index = 0; index < count; ++index) {
      const at::Tensor loss = objective.loss(source->batch(0, index), 0);
      means["loss"] += loss.item<double>() / static_cast<double>(count);
      for (const auto& [name, value] : objective.metrics())
        means[name] += value / static_cast<double>(count);
    }
    return Evaluation{means["loss"], means};
  };
}

}  // namespace prumux::train

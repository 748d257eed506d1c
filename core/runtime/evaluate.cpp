#include "core/runtime/evaluate.h"

#include <ATen/ATen.h>

#include <chrono>
#include <vector>

#include "prumux/error.h"

namespace prumux::runtime {

double EvaluationResult::examples_per_second() const {
  return seconds > 0.0 ? static_cast<double>(examples) / seconds : 0.0;
}

EvaluationResult evaluate(const Engine& engine, const text::Task& task,
                          const text::Dataset& dataset) {
  const auto outputs = static_cast<std::size_t>(engine.model().config().num_labels);
  if (outputs != dataset.label_count()) {
    throw DataError("the model has " + std::to_string(outputs) +
                    " outputs, but the data of task '" + task.name + "' has " +
                    std::to_string(dataset.label_count()) +
                    " labels; fine-tune a model for this task, or name the task it was made for");
  }
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor logits = engine.logits(DatasetRows(dataset));
  const auto end = std::chrono::steady_clock::now();

  const at::Tensor predicted =
      (task.is_regression ? logits.select(1, 0) : logits.argmax(1)).to(at::kDouble).contiguous();
  const std::span<const double> predictions(predicted.data_ptr<double>(),
                                            static_cast<std::size_t>(predicted.numel()));
  std::vector<double> labels(dataset.size());
  for (std::size_t row = 0; row < labels.size(); ++row) labels[row] = dataset.label(row);

  EvaluationResult result;
  result.scores = text::score_predictions(task, predictions, labels);
  result.main_score = text::main_score(task, result.scores);
  result.examples = static_cast<std::int64_t>(dataset.size());
  result.seconds = std::chrono::duration<double>(end - start).count();
  return result;
}

}  // namespace prumux::runtime

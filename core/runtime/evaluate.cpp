#include "core/runtime/evaluate.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <span>
#include <vector>

#include "core/runtime/token_engine.h"
#include "core/train/word_labels.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

using Clock = std::chrono::steady_clock;

void check_outputs(const model::Model& model, const text::Task& task,
                   const text::Dataset& dataset) {
  const bool labels_words = model.config().head == model::HeadKind::token;
  if (labels_words != task.labels_words) {
    throw DataError(fmt::format(
        "the model labels {}, but task '{}' is about {}; fine-tune a model for this task, or name "
        "the task it was made for",
        labels_words ? "words" : "whole texts", task.name,
        task.labels_words ? "words" : "whole texts"));
  }
  const auto outputs = static_cast<std::size_t>(model.config().num_labels);
  if (outputs == dataset.label_count()) return;
  throw DataError(fmt::format(
      "the model has {} outputs, but the data of task '{}' has {} labels; fine-tune a model for "
      "this task, or name the task it was made for",
      outputs, task.name, dataset.label_count()));
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void score_words(const TokenEngine& engine, const text::Task& task, const text::Dataset& dataset,
                 EvaluationResult& result) {
  const auto start = Clock::now();
  const std::vector<at::Tensor> logits = engine.logits(DatasetRows(dataset));
  result.seconds = seconds_since(start);
  text::LabelRows predicted, actual;
  for (std::size_t row = 0; row < logits.size(); ++row) {
    const auto labels = dataset.word_labels(row);
    train::append_word_classes(
        logits[row].unsqueeze(0),
        at::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), at::kLong).unsqueeze(0),
        predicted, actual);
  }
  result.scores = text::score_labelled_words(task, dataset.label_names(), predicted, actual);
}

void score_rows(const Engine& engine, const text::Task& task, const text::Dataset& dataset,
                EvaluationResult& result) {
  const auto start = Clock::now();
  const at::Tensor logits = engine.logits(DatasetRows(dataset));
  result.seconds = seconds_since(start);
  const at::Tensor predicted =
      (task.is_regression ? logits.select(1, 0) : logits.argmax(1)).to(at::kDouble).contiguous();
  const std::span<const double> predictions(predicted.data_ptr<double>(),
                                            static_cast<std::size_t>(predicted.numel()));
  std::vector<double> labels(dataset.size());
  for (std::size_t row = 0; row < labels.size(); ++row) labels[row] = dataset.label(row);
  result.scores = text::score_predictions(task, predictions, labels);
}

}  // namespace

double EvaluationResult::examples_per_second() const {
  return seconds > 0.0 ? static_cast<double>(examples) / seconds : 0.0;
}

EvaluationResult evaluate(const std::shared_ptr<model::Model>& model, const EngineOptions& options,
                          const text::Task& task, const text::Dataset& dataset) {
  check_outputs(*model, task, dataset);
  EvaluationResult result;
  if (task.labels_words) {
    score_words(TokenEngine(model, options), task, dataset, result);
  } else {
    score_rows(Engine(model, options), task, dataset, result);
  }
  result.main_score = text::main_score(task, result.scores);
  result.examples = static_cast<std::int64_t>(dataset.size());
  return result;
}

}  // namespace prumux::runtime

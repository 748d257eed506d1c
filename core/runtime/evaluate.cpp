#include "core/runtime/evaluate.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <cmath>
#include <iterator>
#include <numeric>
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

text::Scores score_words(const text::Task& task, const text::Dataset& dataset,
                         const std::vector<at::Tensor>& logits) {
  text::LabelRows predicted, actual;
  for (std::size_t row = 0; row < logits.size(); ++row) {
    const auto labels = dataset.word_labels(row);
    train::append_word_classes(
        logits[row].unsqueeze(0),
        at::tensor(std::vector<std::int64_t>(labels.begin(), labels.end()), at::kLong).unsqueeze(0),
        predicted, actual);
  }
  return text::score_labelled_words(task, dataset.label_names(), predicted, actual);
}

text::Scores score_rows(const text::Task& task, const text::Dataset& dataset,
                        const at::Tensor& logits) {
  const at::Tensor predicted =
      (task.is_regression ? logits.select(1, 0) : logits.argmax(1)).to(at::kDouble).contiguous();
  const std::span<const double> predictions(predicted.data_ptr<double>(),
                                            static_cast<std::size_t>(predicted.numel()));
  std::vector<double> labels(dataset.size());
  for (std::size_t row = 0; row < labels.size(); ++row) labels[row] = dataset.label(row);
  return text::score_predictions(task, predictions, labels);
}

/// In each of the groupings; adds the time of the forward passes to `seconds`.
template <typename AnyEngine, typename Score>
std::vector<text::Scores> score_groupings(const AnyEngine& engine, const text::Dataset& dataset,
                                          const std::vector<std::int64_t>& groupings,
                                          const Score& score, double& seconds) {
  std::vector<text::Scores> scores;
  for (const std::int64_t grouping : groupings) {
    const auto start = Clock::now();
    const auto logits = engine.logits(DatasetRows(dataset), grouping);
    seconds += seconds_since(start);
    scores.push_back(score(logits));
  }
  return scores;
}

double deviation_of(const std::vector<double>& values) {
  if (values.size() < 2) return 0.0;
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (count - 1.0));
}

}  // namespace

double EvaluationResult::examples_per_second() const {
  return seconds > 0.0 ? static_cast<double>(examples * groupings) / seconds : 0.0;
}

std::vector<std::int64_t> groupings_of(const model::Model& model, const EngineOptions& options,
                                       std::int64_t count) {
  if (count == 1 || model.num_instances() == 1 || options.isolate) return {0};
  std::vector<std::int64_t> groupings(static_cast<std::size_t>(count));
  std::iota(groupings.begin(), groupings.end(), 1);
  return groupings;
}

text::Scores mean_of(const std::vector<text::Scores>& scores) {
  text::Scores mean;
  for (const text::Scores& each : scores) {
    for (const auto& [name, score] : each) mean[name] += score / static_cast<double>(scores.size());
  }
  return mean;
}

EvaluationResult evaluate(const std::shared_ptr<model::Model>& model, const EngineOptions& options,
                          const text::Task& task, const text::Dataset& dataset,
                          const std::vector<std::int64_t>& groupings) {
  check_outputs(*model, task, dataset);
  EvaluationResult result;
  const std::vector<text::Scores> scores =
      task.labels_words
          ? score_groupings(
                TokenEngine(model, options), dataset, groupings,
                [&](const auto& logits) { return score_words(task, dataset, logits); },
                result.seconds)
          : score_groupings(
                Engine(model, options), dataset, groupings,
                [&](const auto& logits) { return score_rows(task, dataset, logits); },
                result.seconds);
  std::vector<double> main_scores;
  for (const text::Scores& each : scores) main_scores.push_back(text::main_score(task, each));
  result.scores = mean_of(scores);
  result.main_score = text::main_score(task, result.scores);
  result.deviation = deviation_of(main_scores);
  result.groupings = std::ssize(groupings);
  result.examples = static_cast<std::int64_t>(dataset.size());
  return result;
}

}  // namespace prumux::runtime

#include "core/text/task.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "prumux/error.h"

namespace prumux::text {
namespace {

using Columns = std::vector<std::vector<std::string>>;
using Names = std::vector<std::string>;
using Metrics = std::vector<Metric>;

// Our name first, then those of GLUE's original files.
const Columns& single_text() {
  static const Columns kColumns{{"sentence", "text"}};
  return kColumns;
}

const Columns& pair_of_texts() {
  static const Columns kColumns{{"sentence1", "question1", "question", "premise", "#1 String"},
                                {"sentence2", "question2", "sentence", "hypothesis", "#2 String"}};
  return kColumns;
}

Task classification(std::string name, const Columns& columns, Names labels, Metrics metrics,
                    std::string main_score) {
  return {std::move(name),      columns, {"label", "gold_label", "is_duplicate", "Quality"},
          std::move(labels),    false,   std::move(metrics),
          std::move(main_score)};
}

Task regression(std::string name, const Columns& columns) {
  return {
      std::move(name), columns, {"score", "label"}, {}, true, {Metric::kPearson, Metric::kSpearman},
      "combined_score"};
}

Task word_labels(std::string name, Metrics metrics, std::string main_score) {
  Task task;
  task.name = std::move(name);
  task.text_columns = single_text();
  task.metrics = std::move(metrics);
  task.main_score = std::move(main_score);
  task.labels_words = true;
  return task;
}

const std::vector<Task>& tasks() {
  const Names entailment{"entailment", "not_entailment"};
  const Metrics accuracy{Metric::kAccuracy};
  const Metrics accuracy_and_f1{Metric::kAccuracy, Metric::kF1};
  static const std::vector<Task> kTasks{
      classification("classification", single_text(), {}, accuracy, "accuracy"),
      classification("cola", single_text(), {"unacceptable", "acceptable"}, {Metric::kMatthews},
                     "matthews_correlation"),
      classification("mnli", pair_of_texts(), {"entailment", "neutral", "contradiction"}, accuracy,
                     "accuracy"),
      classification("mrpc", pair_of_texts(), {"not_equivalent", "equivalent"}, accuracy_and_f1,
                     "accuracy"),
      word_labels("ner", {Metric::kEntityF1}, "f1"),
      classification("pair_classification", pair_of_texts(), {}, accuracy, "accuracy"),
      word_labels("pos", accuracy, "accuracy"),
      classification("qnli", pair_of_texts(), entailment, accuracy, "accuracy"),
      classification("qqp", pair_of_texts(), {"not_duplicate", "duplicate"}, accuracy_and_f1,
                     "accuracy"),
      regression("regression", single_text()),
      classification("rte", pair_of_texts(), entailment, accuracy, "accuracy"),
      classification("sst2", single_text(), {"negative", "positive"}, accuracy, "accuracy"),
      regression("stsb", pair_of_texts()),
  };
  return kTasks;
}

}  // namespace

const Task* known_task(std::string_view name) {
  const auto found = std::find_if(tasks().begin(), tasks().end(),
                                  [&](const Task& task) { return task.name == name; });
  return found == tasks().end() ? nullptr : &*found;
}

const Task& find_task(std::string_view name) {
  if (const Task* task = known_task(name)) return *task;
  throw ConfigError(
      fmt::format("unknown task '{}'; the tasks are {}", name, fmt::join(task_names(), ", ")));
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Task& task : tasks()) names.push_back(task.name);
  return names;
}

}  // namespace prumux::text

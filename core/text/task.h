#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prumux::text {

enum class Metric { kAccuracy, kF1, kMatthews, kPearson, kSpearman, kEntityF1 };

/// A GLUE task; one of the generic tasks `classification`, `pair_classification` and `regression`;
/// or one that labels words, `ner` (entities) and `pos` (parts of speech). Immutable.
struct Task {
  std::string name;
  /// Accepted header names of each text column; one element for single texts, two for pairs.
  std::vector<std::vector<std::string>> text_columns;
  std::vector<std::string> label_columns;  ///< Accepted header names of the label column.
  std::vector<std::string> label_names;    ///< In id order; empty: labels.txt or the data tells.
  bool is_regression = false;
  std::vector<Metric> metrics;
  std::string main_score;     ///< The score that model selection maximises.
  bool labels_words = false;  ///< CoNLL files: every word has a label.

  bool is_pair() const { return text_columns.size() == 2; }
};

/// Null when there is no task of that name.
const Task* known_task(std::string_view name);

/// Throws `ConfigError` that lists the known tasks.
const Task& find_task(std::string_view name);

/// In alphabetical order.
std::vector<std::string> task_names();

}  // namespace prumux::text

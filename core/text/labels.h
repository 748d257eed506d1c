#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/text/examples.h"
#include "core/text/task.h"

namespace prumux::text {

/// Whether outputs called `model_labels` can be matched to the classes `names` of as many: by name,
/// without regard to case and order, or by number where one of the two says nothing (it is empty,
/// or LABEL_0, LABEL_1, ... of the model).
bool labels_fit(const std::vector<std::string>& model_labels,
                const std::vector<std::string>& names);

/// Turns the label column of a task into class ids or scores.
class LabelMap {
 public:
  /// The names come from labels.txt beside `data_file` (one name a line, or `id<TAB>name`), else
  /// from the task. `model_labels`, when not empty, is the order of the model's outputs: labels
  /// are matched to it by name, exactly or else without regard to case, unless its names say
  /// nothing (LABEL_0, LABEL_1, ...). Throws `DataError` when the two sets of names differ, or two
  /// names are one of the model's.
  LabelMap(const Task& task, const std::filesystem::path& data_file,
           const std::vector<std::string>& model_labels);

  /// Class id, or the score of a regression. Throws `DataError` with file and line.
  double parse(const Example& example) const;

  /// In the order of the class ids; empty for a regression, or when only integers are known.
  const std::vector<std::string>& names() const { return names_; }

  /// In the order of the integers that the data file uses.
  const std::vector<std::string>& file_names() const { return file_names_; }

 private:
  double parse_score(const Example& example) const;
  double parse_class(const Example& example) const;
  [[noreturn]] void fail(const Example& example, const std::string& expected) const;

  std::filesystem::path data_file_;
  bool is_regression_;
  std::vector<std::string> file_names_;     // in the order of the data's integers
  std::vector<std::size_t> file_to_model_;  // class id of each of file_names_
  std::vector<std::string> names_;
};

}  // namespace prumux::text

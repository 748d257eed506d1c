#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace prumux::report {

/// A variable of a pipeline's grid.
struct GridVariable {
  std::string name;
  std::string path;  ///< Of the setting that it changes.
  std::vector<std::string> values;
  /// Whether a stage is left out for one of the values, and nothing depends on the variable then.
  bool may_be_skipped = false;
};

/// What the resolved configuration of a run says.
struct PipelineFacts {
  std::string name;  ///< That of the folder where the configuration is not there.
  std::string task;  ///< May be empty.
  std::vector<GridVariable> variables;
  std::vector<std::string> stages;  ///< Their ids, in the order of the file.
  std::string text;                 ///< resolved.yaml as it is.
};

/// Reads resolved.yaml of a run. What cannot be read is left out, with a line in `notes`.
PipelineFacts read_pipeline(const std::filesystem::path& run, std::vector<std::string>& notes);

}  // namespace prumux::report

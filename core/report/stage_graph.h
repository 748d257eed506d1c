#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/report/stage_folder.h"

namespace prumux::report {

/// The stages of a run, and which reads which.
class StageGraph {
 public:
  explicit StageGraph(std::vector<StageFolder> stages) : stages_(std::move(stages)) {}

  const std::vector<StageFolder>& stages() const { return stages_; }

  /// The stage from whose model this one starts, or that it measures; null when it starts from the
  /// pipeline's own model.
  const StageFolder* source_of(const StageFolder& stage) const;

  /// Whether a stage that leaves a model reads this one.
  bool is_built_upon(const StageFolder& stage) const;

  /// The value that a setting had for the result of `stage`: `path` is that of a grid variable,
  /// "multiplexer.instances" or "stages.ID.SETTING". Empty when nothing that led to the result
  /// depended on it.
  std::optional<std::string> value_of(const std::string& path, const StageFolder& stage) const;

  /// The number called `name` of the stage or of the nearest model that it goes back to.
  std::optional<double> number_of(const std::string& name, const StageFolder& stage) const;

 private:
  const StageFolder* find(const std::string& key) const;
  /// The stage and everything that it goes back to, the nearest first, sources before others.
  std::vector<const StageFolder*> ancestry(const StageFolder& stage) const;

  std::vector<StageFolder> stages_;
};

}  // namespace prumux::report

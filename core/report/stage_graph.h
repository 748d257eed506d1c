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

  /// Whether it starts from another stage's model, or measures it, be that one there or not.
  static bool has_source(const StageFolder& stage);

  /// Whether a stage that leaves a model reads this one.
  bool is_built_upon(const StageFolder& stage) const;

  /// The value that a setting had for the result of `stage`: `path` is that of a grid variable,
  /// "multiplexer.instances" or "stages.ID.SETTING". Empty when nothing that led to the result
  /// depended on it.
  std::optional<std::string> value_of(const std::string& path, const StageFolder& stage) const;

  /// The same for a setting that names files, of which the record has the contents: a hash of them.
  std::optional<std::string> content_of(const std::string& path, const StageFolder& stage) const;

  /// The number called `name` of the stage or of the nearest model that it goes back to.
  std::optional<double> number_of(const std::string& name, const StageFolder& stage) const;

 private:
  const StageFolder* find(const std::string& key) const;
  /// The stage, the models that it goes back to, the nearest first, then all others: what a teacher
  /// had, the model need not have.
  std::vector<const StageFolder*> ancestry(const StageFolder& stage) const;

  std::vector<StageFolder> stages_;
};

}  // namespace prumux::report

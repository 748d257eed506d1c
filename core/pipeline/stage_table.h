#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Setting of a stage that leaves a model, in the place of multiplexer.instances.
inline constexpr const char* kStageInstances = "instances";
inline constexpr int kMaximumInstances = 64;

/// The kinds of stages that a pipeline may have, and the sections that they read.
class StageTable {
 public:
  /// `sections`: fields of a pipeline file beside name, seed, threads, grid and stages.
  StageTable(std::vector<std::unique_ptr<const StageKind>> kinds,
             std::vector<config::Field> sections);
  StageTable(const StageTable&) = delete;
  StageTable& operator=(const StageTable&) = delete;

  /// Null when there is none of that name.
  const StageKind* find(std::string_view name) const;
  std::vector<std::string> names() const;
  const std::vector<config::Field>& sections() const { return sections_; }

  /// All the settings of a stage of this kind.
  static std::vector<config::Field> settings_of(const StageKind& kind);

  /// The fields of a pipeline file. They refer to this table.
  std::vector<config::Field> pipeline_fields() const;

 private:
  std::vector<std::vector<config::Field>> variants() const;
  std::optional<std::vector<config::Field>> choose(const config::Value& stage,
                                                   config::Problems& problems) const;

  std::vector<std::unique_ptr<const StageKind>> kinds_;
  std::vector<config::Field> sections_;
};

}  // namespace prumux::pipeline

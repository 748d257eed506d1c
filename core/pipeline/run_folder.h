#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/plan.h"
#include "core/pipeline/record.h"

namespace prumux::pipeline {

inline constexpr const char* kStageLockFile = "stage.json";

/// stage.json: what the stage's folder is the result of.
struct StageLock {
  std::string id;
  std::string kind;
  std::string key;
  bool complete = false;
  std::string finished;  ///< UTC time; empty until complete.
  double seconds = 0.0;  ///< That it took, interrupted runs included.
  Record record;
  std::string damage;  ///< What has happened to the result since; empty when nothing has.

  bool has_result() const { return complete && damage.empty(); }
};

/// What stage.json in a stage's folder says, and whether the files that it vouches for are still
/// there. Throws `IoError` when it cannot be read, `nlohmann::json::exception` when it is
/// malformed.
StageLock read_stage_lock(const std::filesystem::path& stage_folder);

/// The folder of a run: `stages/<id>-<key>/{stage.json, resolved.yaml, result.json, model/, ...}`.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path of(const PlannedStage& stage) const;

  /// Absent when there is none, or stage.json cannot be read (which means: to be computed again).
  std::optional<StageLock> lock_of(const PlannedStage& stage) const;

  /// A complete one vouches for result.json and the files under model/ and continuation/, by their
  /// sizes.
  void write_lock(const PlannedStage& stage, const StageLock& lock) const;

  /// The locks of complete results of stages called `id`.
  std::vector<StageLock> results_called(const std::string& id) const;

  /// Throws `DataError` when it is not there or damaged.
  nlohmann::json result_of(const PlannedStage& stage) const;
  void write_result(const PlannedStage& stage, const nlohmann::json& result) const;

 private:
  std::filesystem::path path_;
};

}  // namespace prumux::pipeline

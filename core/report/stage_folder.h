#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace prumux::report {

/// What one folder below `stages/` of a run says about itself.
// NOLINTNEXTLINE(bugprone-exception-escape): nlohmann::json's moves check themselves.
struct StageFolder {
  std::filesystem::path path;
  std::string id;
  std::string kind;
  std::string key;
  bool complete = false;
  std::string finished;  ///< UTC time; empty until complete.
  double seconds = 0.0;
  std::map<std::string, std::string> settings;  ///< What determined the result, by name.
  std::map<std::string, std::string> contents;  ///< Hashes of the files that it read, by name.
  std::map<std::string, std::string> inputs;    ///< Port -> key of the stage that it reads.
  nlohmann::json result;                        ///< Null until complete.

  /// "stages/<id>-<key>".
  std::string relative_path() const;
  /// Whether it is complete and has left a model.
  bool has_model() const;
  /// The number called `name` of the result; NaN where there is none.
  double number(const std::string& name) const;
};

/// The stages of a run, in the order of their folders' names. Those that cannot be read are left
/// out, each with a line in `notes`.
std::vector<StageFolder> read_stage_folders(const std::filesystem::path& run,
                                            std::vector<std::string>& notes);

}  // namespace prumux::report

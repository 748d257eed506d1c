#include "core/pipeline/run_folder.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "core/io/atomic_file.h"
#include "core/io/json_text.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResultFile = "result.json";
constexpr const char* kModelFolder = "model";
/// What a stage leaves for those that read from it.
constexpr std::array kResultFolders = {kModelFolder, "continuation"};

/// The sizes of the files that a stage's result consists of, by their paths in its folder.
nlohmann::json result_files(const fs::path& folder) {
  nlohmann::json sizes = {{kResultFile, fs::file_size(folder / kResultFile)}};
  std::error_code code;
  for (const char* part : kResultFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder / part, code)) {
      if (!entry.is_regular_file()) continue;
      sizes[entry.path().lexically_relative(folder).generic_string()] = entry.file_size();
    }
  }
  return sizes;
}

/// What has happened to the files that a lock vouches for; empty when nothing has. Older locks
/// name no files: they vouch for the numbers only.
std::string damage_of(const fs::path& folder, const nlohmann::json& lock) {
  std::error_code code;
  if (!fs::is_regular_file(folder / kResultFile, code)) {
    return fmt::format("'{}' is not there", kResultFile);
  }
  const auto sizes = lock.value("files", nlohmann::json::object());
  for (const auto& [name, size] : sizes.items()) {
    if (!fs::is_regular_file(folder / name, code)) return fmt::format("'{}' is not there", name);
    const std::uintmax_t found = fs::file_size(folder / name, code);
    if (found != size.get<std::uintmax_t>()) {
      return fmt::format("'{}' has {} bytes, and had {}", name, found, size.get<std::uintmax_t>());
    }
  }
  return "";
}

std::optional<StageLock> read_lock(const fs::path& folder) {
  std::error_code code;
  if (!fs::is_regular_file(folder / kStageLockFile, code)) return std::nullopt;
  try {
    return read_stage_lock(folder);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

StageLock read_stage_lock(const fs::path& stage_folder) {
  const nlohmann::json json = nlohmann::json::parse(io::read_file(stage_folder / kStageLockFile));
  StageLock lock;
  json.at("id").get_to(lock.id);
  json.at("stage").get_to(lock.kind);
  json.at("key").get_to(lock.key);
  json.at("complete").get_to(lock.complete);
  json.at("finished").get_to(lock.finished);
  json.at("seconds").get_to(lock.seconds);
  lock.record = Record::from_json(json.at("record"));
  if (lock.complete) lock.damage = damage_of(stage_folder, json);
  return lock;
}

fs::path RunFolder::of(const PlannedStage& stage) const {
  return path_ / "stages" / stage.folder_name();
}

std::optional<StageLock> RunFolder::lock_of(const PlannedStage& stage) const {
  std::optional<StageLock> lock = read_lock(of(stage));
  if (lock && lock->key != stage.key) return std::nullopt;
  std::error_code code;
  if (lock && lock->has_result() && stage.kind->produces_model() &&
      !fs::is_directory(of(stage) / kModelFolder, code)) {
    lock->damage = fmt::format("'{}' is not there", kModelFolder);
  }
  return lock;
}

void RunFolder::write_lock(const PlannedStage& stage, const StageLock& lock) const {
  nlohmann::json json = {{"id", lock.id},
                         {"stage", lock.kind},
                         {"key", lock.key},
                         {"complete", lock.complete},
                         {"finished", lock.finished},
                         {"seconds", lock.seconds},
                         {"record", lock.record.to_json()}};
  if (lock.complete) json["files"] = result_files(of(stage));
  io::write_file_atomically(of(stage) / kStageLockFile, io::json_text(json) + "\n");
}

std::vector<StageLock> RunFolder::results_called(const std::string& id) const {
  std::vector<fs::path> folders;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(path_ / "stages", code)) {
    const std::string name = entry.path().filename().string();
    const std::size_t end = name.rfind('-');
    if (end != std::string::npos && name.substr(0, end) == id) folders.push_back(entry);
  }
  std::sort(folders.begin(), folders.end());
  std::vector<StageLock> locks;
  for (const fs::path& folder : folders) {
    std::optional<StageLock> lock = read_lock(folder);
    if (lock && lock->has_result()) locks.push_back(std::move(*lock));
  }
  return locks;
}

nlohmann::json RunFolder::result_of(const PlannedStage& stage) const {
  const fs::path file = of(stage) / kResultFile;
  try {
    return nlohmann::json::parse(io::read_file(file));
  } catch (const nlohmann::json::exception& problem) {
    throw DataError("'" + file.string() + "' is damaged: " + problem.what() +
                    "; compute it again with --force " + stage.id);
  }
}

void RunFolder::write_result(const PlannedStage& stage, const nlohmann::json& result) const {
  io::write_file_atomically(of(stage) / kResultFile, io::json_text(result) + "\n");
}

}  // namespace prumux::pipeline

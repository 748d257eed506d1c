#include "core/report/stage_folder.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>

#include "core/io/atomic_file.h"
#include "core/pipeline/record.h"
#include "core/pipeline/run_folder.h"
#include "prumux/error.h"

namespace prumux::report {
namespace {

namespace fs = std::filesystem;

using Kind = pipeline::Record::Kind;

std::map<std::string, std::string>& entries_of(StageFolder& stage, Kind kind) {
  if (kind == Kind::input) return stage.inputs;
  return kind == Kind::content ? stage.contents : stage.settings;
}

StageFolder read_stage_folder(const fs::path& path, std::vector<std::string>& notes) {
  const pipeline::StageLock lock = pipeline::read_stage_lock(path);
  if (!lock.damage.empty()) {
    notes.push_back(fmt::format("stages/{} has lost its result, and will be computed again: {}",
                                path.filename().string(), lock.damage));
  }
  StageFolder stage;
  stage.path = path;
  stage.id = lock.id;
  stage.kind = lock.kind;
  stage.key = lock.key;
  stage.complete = lock.has_result();
  stage.finished = lock.finished;
  stage.seconds = lock.seconds;
  for (const pipeline::Record::Entry& entry : lock.record.entries()) {
    entries_of(stage, entry.kind)[entry.name] = entry.value;
  }
  if (stage.complete) {
    stage.result = nlohmann::json::parse(io::read_file(path / "result.json"));
  }
  return stage;
}

}  // namespace

std::string StageFolder::relative_path() const { return "stages/" + path.filename().string(); }

bool StageFolder::has_model() const {
  std::error_code code;
  return complete && fs::is_directory(path / "model", code);
}

double StageFolder::number(const std::string& name) const {
  const auto found = result.is_object() ? result.find(name) : result.end();
  return found != result.end() && found->is_number() ? found->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

std::vector<StageFolder> read_stage_folders(const fs::path& run, std::vector<std::string>& notes) {
  std::vector<fs::path> paths;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(run / "stages", code)) {
    if (fs::is_regular_file(entry.path() / "stage.json", code)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<StageFolder> stages;
  for (const fs::path& path : paths) {
    try {
      stages.push_back(read_stage_folder(path, notes));
    } catch (const nlohmann::json::exception& problem) {
      notes.push_back(fmt::format("stages/{} is left out, since a file of it is damaged: {}",
                                  path.filename().string(), problem.what()));
    } catch (const IoError& problem) {
      notes.push_back(
          fmt::format("stages/{} is left out: {}", path.filename().string(), problem.what()));
    }
  }
  return stages;
}

}  // namespace prumux::report

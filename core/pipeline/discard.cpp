#include "core/pipeline/discard.h"

#include <string>
#include <vector>

#include "core/pipeline/run_folder.h"
#include "prumux/error.h"

namespace prumux::pipeline {

namespace fs = std::filesystem;

void remove_folder(const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  if (code) throw IoError("cannot remove '" + folder.string() + "': " + code.message());
}

void discard_result(const fs::path& stage_folder) {
  // First what vouches for the rest: this process may be killed in between.
  remove_folder(stage_folder / kStageLockFile);
  for (const auto& entry : fs::directory_iterator(stage_folder)) {
    if (entry.path().filename() != ".lock") remove_folder(entry.path());
  }
}

void remove_unfinished_files(const fs::path& stage_folder) {
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::recursive_directory_iterator(stage_folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".tmp-") != std::string::npos || name.find(".old-") != std::string::npos) {
      unfinished.push_back(entry.path());
    }
  }
  for (const fs::path& path : unfinished) remove_folder(path);
}

}  // namespace prumux::pipeline

#include "core/pipeline/stages/exported_model.h"

#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

/// Marks folders that may be replaced.
constexpr const char* kMarker = "exported_by_prumux.json";

}  // namespace

bool may_be_replaced(const fs::path& folder) {
  std::error_code code;
  return !fs::exists(folder, code) || fs::exists(folder / kMarker, code) ||
         (fs::is_directory(folder, code) && fs::is_empty(folder, code));
}

void export_model(const fs::path& model, const fs::path& folder, const std::string& key) {
  if (!may_be_replaced(folder)) {
    throw IoError(
        fmt::format("'{}' has files in it that are not of an earlier export; remove it "
                    "or export to another folder",
                    folder.string()));
  }
  io::write_folder_atomically(folder, [&](const fs::path& temporary) {
    for (const auto& entry : fs::directory_iterator(model)) {
      fs::copy_file(entry.path(), temporary / entry.path().filename());
    }
    std::ofstream(temporary / kMarker) << nlohmann::json({{"from", key}}).dump() << "\n";
  });
}

void remove_exported_model(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder / kMarker, code)) return;
  fs::remove_all(folder, code);
  if (code) throw IoError(fmt::format("cannot remove '{}': {}", folder.string(), code.message()));
}

}  // namespace prumux::pipeline

#include "core/plugin/search_path.h"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

namespace prumux::plugin {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> libraries_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    if (entry->path().extension() == ".so") {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<fs::path> default_search_path() {
  std::vector<fs::path> folders;
  if (const char* listed = std::getenv("PRUMUX_PLUGIN_PATH")) {
    std::istringstream stream{listed};
    for (std::string folder; std::getline(stream, folder, ':');) {
      if (!folder.empty()) {  // An empty entry would mean the current folder.
        folders.push_back(fs::absolute(folder).lexically_normal());
      }
    }
  }
  std::error_code problem;
  const fs::path program = boost::dll::program_location(problem);
  if (!problem) {
    folders.push_back(program.parent_path().parent_path() / "lib" / "prumux" / "plugins");
  }
  return folders;
}

std::vector<fs::path> find_libraries(const std::vector<fs::path>& folders) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  for (const fs::path& folder : folders) {
    for (const fs::path& file : libraries_of(folder)) {
      std::error_code problem;
      const fs::path real = fs::canonical(file, problem);
      if (seen.insert(problem ? file : real).second) {
        files.push_back(file);
      }
    }
  }
  return files;
}

std::string describe_folder(const fs::path& folder) {
  std::error_code problem;
  if (!fs::exists(folder, problem)) {
    return folder.string() + " (no such folder)";
  }
  if (!fs::is_directory(folder, problem)) {
    return folder.string() + " (not a folder)";
  }
  return folder.string();
}

}  // namespace prumux::plugin

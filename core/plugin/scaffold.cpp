#include "core/plugin/scaffold.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cctype>
#include <map>
#include <system_error>
#include <vector>

#include "core/config/nearest.h"
#include "core/io/atomic_file.h"
#include "core/plugin/kind.h"
#include "core/plugin/reserved_names.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace fs = std::filesystem;

namespace {

using Replacements = std::map<std::string, std::string>;

void require_name(const std::string& name) {
  const bool valid =
      !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0 &&
      std::all_of(name.begin(), name.end(),
                  [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '_'; }) &&
      !is_reserved_name(name);
  if (!valid) {
    throw ConfigError(
        fmt::format("'{}' cannot be the name of a plugin - expected lower-case letters, digits and "
                    "'_', no word of C++ or its libraries; for example my_method",
                    name));
  }
}

/// my_method -> MyMethod.
std::string class_name(const std::string& name) {
  std::string result;
  bool begins_word = true;
  for (const char character : name) {
    if (character == '_') {
      begins_word = true;
      continue;
    }
    result += begins_word ? static_cast<char>(std::toupper(character)) : character;
    begins_word = false;
  }
  return result;
}

std::string replaced(std::string text, const Replacements& replacements) {
  for (const auto& [mark, value] : replacements) {
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

/// Between single quotes of YAML.
std::string quoted_text(std::string text) {
  for (std::size_t at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2)) {
    text.insert(at, 1, '\'');
  }
  return text;
}

/// Files of the template, by name; those of the kind win over the common ones.
std::map<std::string, fs::path> template_files(const fs::path& templates, const std::string& kind) {
  std::map<std::string, fs::path> files;
  for (const fs::path& folder : {templates / kind, templates / "common"}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      files.emplace(entry.path().filename().string(), entry.path());
    }
  }
  return files;
}

std::vector<std::string> kinds_in(const fs::path& templates) {
  std::error_code problem;
  std::vector<std::string> kinds;
  for (fs::directory_iterator entry(templates, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() && name != "common") kinds.push_back(name);
  }
  std::sort(kinds.begin(), kinds.end());
  if (kinds.empty()) {
    throw IoError(
        fmt::format("no templates are in '{}'; install prumux again", templates.string()));
  }
  return kinds;
}

void require_new(const fs::path& folder) {
  std::error_code problem;
  if (fs::exists(folder, problem) &&
      !(fs::is_directory(folder, problem) && fs::is_empty(folder, problem))) {
    throw ConfigError(
        fmt::format("'{}' is there already - expected a new or empty folder", folder.string()));
  }
}

}  // namespace

fs::path shared_folder() {
  return boost::dll::program_location().parent_path().parent_path() / "share" / "prumux";
}

void write_scaffold(const std::string& kind, const std::string& name, const fs::path& folder) {
  const fs::path templates = shared_folder() / "templates";
  const std::vector<std::string> kinds = kinds_in(templates);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    throw ConfigError(
        fmt::format("there is no template for '{}' - {}", kind, config::suggestion(kind, kinds)));
  }
  require_name(name);
  require_new(folder);
  const Replacements replacements = {
      {"@NAME@", name},
      {"@CLASS@", class_name(name)},
      {"@KIND@", find_kind(kind)->name},
      {"@SDK_VERSION@", PRUMUX_SDK_VERSION},
      {"@SAMPLE@",
       quoted_text(fs::weakly_canonical(shared_folder() / "configs" / "sample").string())}};
  const auto files = template_files(templates, kind);
  io::write_folder_atomically(fs::absolute(folder).lexically_normal(), [&](const fs::path& into) {
    for (const auto& [file, source] : files) {
      io::write_file_atomically(into / replaced(file, replacements),
                                replaced(io::read_file(source), replacements));
    }
  });
}

}  // namespace prumux::plugin

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <sstream>

#include "fixtures.h"

// Arrows between the parts go one way: plugins -> sdk <- core.

namespace prumux::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sources_under(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".h" || extension == ".cpp" || extension == ".cu" || extension == ".cuh") {
      files.push_back(entry.path());
    }
  }
  return files;
}

/// What `file` includes in quotes.
std::vector<std::string> own_includes(const fs::path& file) {
  static const std::regex include(R"re(^\s*#\s*include\s*"([^"]+)")re");
  std::vector<std::string> names;
  std::istringstream lines(read_bytes(file));
  for (std::string line; std::getline(lines, line);) {
    if (std::smatch match; std::regex_search(line, match, include)) {
      names.push_back(match[1]);
    }
  }
  return names;
}

const fs::path kRoot = PRUMUX_SOURCE_DIR;

TEST(IncludeRule, PluginsIncludeTheSdkAndTheirOwnFolder) {
  for (const auto& plugin : fs::directory_iterator(kRoot / "plugins")) {
    if (!plugin.is_directory()) continue;
    for (const fs::path& file : sources_under(plugin.path())) {
      for (const std::string& name : own_includes(file)) {
        const fs::path own = (plugin.path() / name).lexically_normal();
        const bool inside = own.string().starts_with(plugin.path().string()) && fs::exists(own);
        EXPECT_TRUE(name.starts_with("prumux/") || inside) << file << " includes " << name;
      }
    }
  }
}

TEST(IncludeRule, TheCoreIncludesItselfAndTheSdk) {
  for (const fs::path& file : sources_under(kRoot / "core")) {
    for (const std::string& name : own_includes(file)) {
      EXPECT_TRUE(name.starts_with("prumux/") || name.starts_with("core/"))
          << file << " includes " << name;
    }
  }
}

TEST(IncludeRule, TheSdkIncludesItself) {
  std::vector<fs::path> files = sources_under(kRoot / "sdk" / "include");
  for (const fs::path& file : sources_under(kRoot / "sdk" / "src")) files.push_back(file);
  for (const fs::path& file : files) {
    for (const std::string& name : own_includes(file)) {
      EXPECT_TRUE(name.starts_with("prumux/")) << file << " includes " << name;
    }
  }
}

TEST(IncludeRule, TheCoreNamesNoMethod) {
  for (const fs::path& file : sources_under(kRoot / "core")) {
    std::string text = read_bytes(file);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const char* method : {"cofi", "datamux"}) {
      EXPECT_EQ(text.find(method), std::string::npos) << file << " names " << method;
    }
  }
}

}  // namespace
}  // namespace prumux::plugin

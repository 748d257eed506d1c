#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>

#include "core/plugin/search_path.h"
#include "fixtures.h"

namespace prumux::plugin {
namespace {

/// The names that `nm` finds defined in the dynamic symbol table.
std::set<std::string> defined_symbols(const std::filesystem::path& library) {
  const std::string command =
      "nm --dynamic --defined-only --format=just-symbols '" + library.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::set<std::string> symbols;
  std::string output;
  for (int byte = std::fgetc(pipe.get()); byte != EOF; byte = std::fgetc(pipe.get())) {
    output += static_cast<char>(byte);
  }
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    symbols.insert(line);
  }
  return symbols;
}

TEST(ExportedSymbols, OfEveryPluginAreTheFingerprintAndTheDescriptor) {
  std::vector<std::filesystem::path> libraries =
      find_libraries({std::filesystem::path(PRUMUX_BUILD_DIR) / "lib" / "prumux" / "plugins"});
  libraries.push_back(fixture_file("good"));
  for (const auto& library : libraries) {
    EXPECT_THAT(defined_symbols(library),
                testing::ElementsAre("prumux_fingerprint_v1", "prumux_plugin_v1"))
        << library;
  }
}

}  // namespace
}  // namespace prumux::plugin

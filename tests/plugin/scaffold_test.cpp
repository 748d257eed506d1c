#include "core/plugin/scaffold.h"

#include <set>

#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::plugin {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The test program lies beside the program, so it finds the same templates.
class Scaffold : public PluginFolderTest {};

TEST_F(Scaffold, WritesEveryKindWithItsNamesFilledIn) {
  for (const char* kind : {"compressor", "multiplexer", "performance-model"}) {
    const auto folder = this->folder() / kind;
    write_scaffold(kind, "my_method", folder);
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.insert(entry.path().filename().string());
      EXPECT_THAT(read_bytes(entry.path()), Not(HasSubstr("@"))) << entry.path();
    }
    EXPECT_THAT(files, testing::UnorderedElementsAre(
                           ".gitignore", "CMakeLists.txt", "README.md", "my_method.cpp",
                           "my_method.h", "my_method_test.cpp", "pipeline.yaml", "plugin.cpp"));
    EXPECT_THAT(read_bytes(folder / "my_method.h"), HasSubstr("class MyMethod : public prumux::"));
  }
}

TEST_F(Scaffold, LeavesAFolderWithFilesAlone) {
  write("notes", "mine");
  EXPECT_THAT(error_of<ConfigError>([&] { write_scaffold("compressor", "x", folder()); }),
              HasSubstr("is there already"));
  EXPECT_EQ(read_bytes(folder() / "notes"), "mine");
}

TEST_F(Scaffold, RefusesWordsOfTheLanguage) {
  for (const std::string name : {"new", "co_await", "random", "index", "log", "signal", "linux",
                                 "unix", "time", "string", "plugin", "score_pruning"}) {
    EXPECT_THAT(error_of<ConfigError>([&] { write_scaffold("compressor", name, folder() / name); }),
                HasSubstr("'" + name + "' cannot be the name of a plugin"));
  }
}

}  // namespace
}  // namespace prumux::plugin

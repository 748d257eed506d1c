#include "core/plugin/search_path.h"

#include <algorithm>
#include <cstdlib>

#include "fixtures.h"

namespace prumux::plugin {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class SearchPath : public PluginFolderTest {
 protected:
  void TearDown() override {
    unsetenv("PRUMUX_PLUGIN_PATH");
    PluginFolderTest::TearDown();
  }

  const fs::path installed_ =
      fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib/prumux/plugins";
};

TEST_F(SearchPath, IsTheInstallationWithoutTheVariable) {
  unsetenv("PRUMUX_PLUGIN_PATH");
  EXPECT_THAT(default_search_path(), ElementsAre(installed_));
}

TEST_F(SearchPath, BeginsWithTheFoldersOfTheVariableAndNeverTheCurrentOne) {
  setenv("PRUMUX_PLUGIN_PATH", ":/opt/a::/opt/b/../c:", 1);
  EXPECT_THAT(default_search_path(), ElementsAre("/opt/a", "/opt/c", installed_));
}

TEST_F(SearchPath, MakesRelativeFoldersAbsolute) {
  setenv("PRUMUX_PLUGIN_PATH", "plugins", 1);
  EXPECT_EQ(default_search_path()[0], fs::current_path() / "plugins");
}

TEST_F(SearchPath, FindsLibrariesInOrderAndEachOnce) {
  const fs::path b = write("b.so", "");
  const fs::path a = write("a.so", "");
  write("notes.txt", "");
  fs::create_symlink(a, folder() / "c.so");
  EXPECT_THAT(find_libraries({folder(), folder() / "missing", folder()}), ElementsAre(a, b));
}

}  // namespace
}  // namespace prumux::plugin

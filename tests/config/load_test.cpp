#include "core/config/load.h"

#include <filesystem>

#include "core/io/atomic_file.h"
#include "helpers.h"

namespace prumux::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Load : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    io::write_file_atomically(folder_ / name, text);
    return folder_ / name;
  }

  fs::path folder_;
};

TEST_F(Load, MergesMapsByKeyAndReplacesLists) {
  write("base.yaml", "model: {a: 1, b: 2}\nlist: [1, 2]\n");
  const Value root = load(write("top.yaml", "extends: base.yaml\nmodel: {b: 3}\nlist: [9]\n"));
  EXPECT_EQ(root.at("model").at("a").text, "1");
  EXPECT_EQ(root.at("model").at("b").text, "3");
  ASSERT_EQ(root.at("list").items.size(), 1U);
  EXPECT_FALSE(root.has("extends"));
  EXPECT_THAT(root.at("model").at("a").place.text(), HasSubstr("base.yaml:1:12"));
  EXPECT_THAT(root.at("model").at("b").place.text(), HasSubstr("top.yaml:2:12"));
}

TEST_F(Load, ALaterParentWinsAndRelativePathsBeginAtTheirOwnFile) {
  write("one.yaml", "x: 1\nfrom: data\n");
  write("sub/two.yaml", "x: 2\nroot: data\n");
  const Value root = load(write("top.yaml", "extends: [one.yaml, sub/two.yaml]\n"));
  EXPECT_EQ(root.at("x").text, "2");
  EXPECT_EQ(root.at("from").path(), fs::absolute(folder_ / "data"));
  EXPECT_EQ(root.at("root").path(), fs::absolute(folder_ / "sub/data"));
}

TEST_F(Load, RefusesACycle) {
  write("a.yaml", "extends: b.yaml\n");
  write("b.yaml", "extends: a.yaml\n");
  const std::string message = error_of([&] { load(folder_ / "a.yaml"); });
  EXPECT_THAT(message, HasSubstr("b.yaml:1:10: extends '"));
  EXPECT_THAT(message, HasSubstr("expected no cycle"));
}

TEST_F(Load, NamesTheFileThatExtendsAMissingOne) {
  const fs::path top = write("top.yaml", "name: x\nextends: nowhere.yaml\n");
  const std::string message = error_of([&] { load(top); });
  EXPECT_THAT(message, HasSubstr("top.yaml:2:10: cannot read '"));
  EXPECT_THAT(message, HasSubstr("nowhere.yaml': No such file or directory"));
}

TEST_F(Load, NamesTheFileThatExtendsAnImpossibleName) {
  const fs::path top = write("top.yaml", "extends: " + std::string(300, 'x') + "\n");
  EXPECT_THAT(error_of([&] { load(top); }), HasSubstr("top.yaml:1:10: cannot read '"));
}

TEST_F(Load, RefusesWhatIsNotAMap) {
  const fs::path top = write("top.yaml", "- a\n- b\n");
  EXPECT_THAT(error_of([&] { load(top); }), HasSubstr("a list - expected a map of settings"));
  const fs::path empty = write("empty.yaml", "");
  EXPECT_THAT(error_of([&] { load(empty); }), HasSubstr("nothing - expected a map of settings"));
}

}  // namespace
}  // namespace prumux::config

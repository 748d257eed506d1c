#include "core/io/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <thread>

#include "prumux/error.h"
#include "tests/support/temporary_folder.h"

namespace prumux::io {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  fs::path at(const std::string& name) const { return folder_.path() / name; }

  std::set<std::string> names() const {
    std::set<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      result.insert(entry.path().filename().string());
    }
    return result;
  }

  static void fill(const fs::path& folder, const std::string& text) {
    write_folder_atomically(
        folder, [&](const fs::path& inside) { std::ofstream(inside / "file") << text; });
  }

  test::TemporaryFolder folder_;
};

TEST_F(AtomicFile, ReplacesAFile) {
  write_file_atomically(at("file"), "old");
  write_file_atomically(at("file"), "new");
  EXPECT_EQ(read_file(at("file")), "new");
  EXPECT_EQ(names(), std::set<std::string>{"file"});
}

TEST_F(AtomicFile, KeepsTheOldFileWhenWritingFails) {
  write_file_atomically(at("file"), "old");
  const auto write_half = [](const fs::path& temporary) {
    std::ofstream(temporary) << "ne";
    throw IoError("disk full");
  };
  EXPECT_THROW(write_file_atomically(at("file"), write_half), IoError);
  EXPECT_EQ(read_file(at("file")), "old");
  EXPECT_EQ(names(), std::set<std::string>{"file"});
}

// Processes of two machines can have one id.
TEST_F(AtomicFile, WritersOfOneFileAreNotInEachOthersWay) {
  write_file_atomically(at("file"), [&](const fs::path& temporary) {
    std::ofstream(temporary) << "outer";
    write_file_atomically(at("file"), "inner");
    EXPECT_EQ(read_file(at("file")), "inner");
  });
  EXPECT_EQ(read_file(at("file")), "outer");
  write_folder_atomically(at("folder"), [&](const fs::path& temporary) {
    std::ofstream(temporary / "outer") << "outer";
    fill(at("folder"), "inner");
  });
  EXPECT_EQ(read_file(at("folder") / "outer"), "outer");
  EXPECT_EQ(names(), (std::set<std::string>{"file", "folder"}));
}

TEST_F(AtomicFile, GivesTheUsualPermissions) {
  std::ofstream(at("plain")) << "content";
  write_file_atomically(at("file"), "content");
  EXPECT_EQ(fs::status(at("file")).permissions(), fs::status(at("plain")).permissions());
}

TEST_F(AtomicFile, WritesIntoAPipeInsteadOfReplacingIt) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = read_file(at("pipe")); });
  write_file_atomically(at("pipe"), "content");
  reader.join();
  EXPECT_EQ(received, "content");
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
  EXPECT_EQ(names(), std::set<std::string>{"pipe"});
}

TEST_F(AtomicFile, WritesBehindASymbolicLink) {
  write_file_atomically(at("file"), "old");
  fs::create_symlink("file", at("link"));
  write_file_atomically(at("link"), "new");
  EXPECT_EQ(read_file(at("file")), "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
}

TEST_F(AtomicFile, RefusesAFolderInTheFilesPlace) {
  fs::create_directory(at("folder"));
  EXPECT_THROW(write_file_atomically(at("folder"), "content"), IoError);
  EXPECT_EQ(names(), std::set<std::string>{"folder"});
}

TEST_F(AtomicFile, ReplacesAFolderWhoseNameEndsInASlash) {
  fill(at("folder/"), "old");
  fill(at("folder/"), "new");
  EXPECT_EQ(read_file(at("folder") / "file"), "new");
  EXPECT_EQ(names(), std::set<std::string>{"folder"});
}

TEST_F(AtomicFile, FillsTheFolderBehindASymbolicLink) {
  fill(at("folder"), "old");
  fs::create_symlink("folder", at("link"));
  fill(at("link"), "new");
  EXPECT_EQ(read_file(at("folder") / "file"), "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(names(), (std::set<std::string>{"folder", "link"}));
}

TEST_F(AtomicFile, ReadingAFolderNamesIt) {
  try {
    read_file(folder_.path());
    FAIL() << "read a folder";
  } catch (const IoError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr(folder_.path().string()));
  }
}

}  // namespace
}  // namespace prumux::io

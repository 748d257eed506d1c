#include "core/pipeline/file_hashes.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

/// Of a file that said "one" when it was hashed first.
class FileHashesTest : public testing::Test {
 protected:
  FileHashesTest() {
    write("one");
    first_ = hashes_.of(file_);
  }

  void write(const std::string& content) const { io::write_file_atomically(file_, content); }

  const io::TemporaryFolder folder_;
  const fs::path file_ = folder_.path() / "a";
  FileHashes hashes_;
  std::string first_;
};

TEST_F(FileHashesTest, FollowTheContent) {
  write("other");
  EXPECT_NE(hashes_.of(file_), first_);
  write("one");
  EXPECT_EQ(hashes_.of(file_), first_);
}

TEST_F(FileHashesTest, ReadAgainOnlyWhatHasAnotherSizeOrTime) {
  const fs::file_time_type written = fs::last_write_time(file_);
  write("two");
  fs::last_write_time(file_, written);
  EXPECT_EQ(hashes_.of(file_), first_);
  fs::last_write_time(file_, written + std::chrono::seconds(1));
  EXPECT_NE(hashes_.of(file_), first_);
}

TEST_F(FileHashesTest, RefuseAFileThatIsNotThere) {
  EXPECT_THROW(hashes_.of(folder_.path() / "nothing"), IoError);
}

}  // namespace
}  // namespace prumux::pipeline

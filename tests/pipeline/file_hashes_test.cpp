#include "core/pipeline/file_hashes.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

TEST(FileHashes, FollowTheContent) {
  const io::TemporaryFolder folder;
  const fs::path file = folder.path() / "a";
  FileHashes hashes;
  io::write_file_atomically(file, "one");
  const std::string first = hashes.of(file);
  io::write_file_atomically(file, "other");
  EXPECT_NE(hashes.of(file), first);
  io::write_file_atomically(file, "one");
  EXPECT_EQ(hashes.of(file), first);
}

TEST(FileHashes, ReadAgainOnlyWhatHasAnotherSizeOrTime) {
  const io::TemporaryFolder folder;
  const fs::path file = folder.path() / "a";
  FileHashes hashes;
  io::write_file_atomically(file, "one");
  const std::string first = hashes.of(file);
  const fs::file_time_type written = fs::last_write_time(file);
  io::write_file_atomically(file, "two");
  fs::last_write_time(file, written);
  EXPECT_EQ(hashes.of(file), first);
  fs::last_write_time(file, written + std::chrono::seconds(1));
  EXPECT_NE(hashes.of(file), first);
}

TEST(FileHashes, RefuseAFileThatIsNotThere) {
  const io::TemporaryFolder folder;
  EXPECT_THROW(FileHashes().of(folder.path() / "nothing"), IoError);
}

}  // namespace
}  // namespace prumux::pipeline

#pragma once

#include <filesystem>

namespace prumux::pipeline {

/// While it lives, no other process works in `folder`. The system releases it when a process dies.
class FolderLock {
 public:
  /// Makes the folder; waits for a process that works in it, and logs that it does.
  /// Throws `IoError`.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace prumux::pipeline

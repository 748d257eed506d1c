#pragma once

#include <filesystem>
#include <optional>

namespace prumux::pipeline {

/// While it lives, no other process works in the folder. The system releases it when a process
/// dies.
class FolderLock {
 public:
  /// Makes the folder; none when another process works in it. Throws `IoError`.
  static std::optional<FolderLock> try_lock(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace prumux::pipeline

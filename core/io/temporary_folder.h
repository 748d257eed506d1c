#pragma once

#include <filesystem>

namespace prumux::io {

/// A new empty folder in the system's place for such, removed with everything in it at the end.
class TemporaryFolder {
 public:
  /// Throws `IoError`.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace prumux::io

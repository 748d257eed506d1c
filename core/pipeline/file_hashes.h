#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace prumux::pipeline {

/// Hashes of files' contents. Hashing takes a while for a model, and a grid plans the same one many
/// times: it is done again only when a file's size or time has changed. One thread at a time.
class FileHashes {
 public:
  /// Throws `IoError` when the file cannot be read.
  const std::string& of(const std::filesystem::path& file);

 private:
  struct Known {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type written;
    std::string hash;
  };
  std::map<std::filesystem::path, Known> files_;
};

}  // namespace prumux::pipeline

#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace prumux::train {

/// metrics.jsonl: one JSON object a line.
class MetricsLog {
 public:
  /// Goes on after the first `keep_bytes` bytes of `path`; what follows them is dropped. Warns when
  /// the file is shorter. Throws `IoError`.
  MetricsLog(const std::filesystem::path& path, std::int64_t keep_bytes);

  void append(const nlohmann::json& record);

  /// Length of the file after everything appended so far has reached the disk.
  std::int64_t sync();

  /// Reads the records of a log; a last line cut off by a crash is ignored.
  static std::vector<nlohmann::json> read(const std::filesystem::path& path);

 private:
  void check() const;

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace prumux::train

#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace prumux::train {

/// A TensorBoard event file: TFRecords of `Event` messages with scalar summaries.
class EventFile {
 public:
  /// Replaces the file. Throws `IoError`.
  explicit EventFile(const std::filesystem::path& path);

  void add(double unix_time, std::int64_t step, const std::map<std::string, double>& scalars);

  /// The same for a record of metrics.jsonl: its numbers become scalars, named by their path
  /// ("loss", "evaluation/accuracy"); "step" and "timing/unix_time" place them.
  void add(const nlohmann::json& record);

 private:
  void write_record(std::string_view message);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace prumux::train

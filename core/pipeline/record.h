#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/config/value.h"
#include "core/pipeline/file_hashes.h"

namespace prumux::pipeline {

/// Everything that determines the result of a stage, as named texts. Equal records, equal results.
class Record {
 public:
  enum class Kind {
    value,    ///< A setting, a version.
    content,  ///< The hash of a file's content.
    input,    ///< The key of a stage that this one reads from.
  };
  struct Entry {
    std::string name;
    std::string value;
    Kind kind = Kind::value;
    std::string place{};  ///< Where the value is written; not part of the key.
  };

  Record() : Record(std::make_shared<FileHashes>()) {}
  /// Shares the hashes of files with other records.
  explicit Record(std::shared_ptr<FileHashes> files) : files_(std::move(files)) {}

  void add(Entry entry) { entries_.push_back(std::move(entry)); }
  void add(const std::string& name, const std::string& value, const std::string& place = "");

  /// Adds every scalar and every list of scalars under `name`, with their places.
  void add(const std::string& name, const config::Value& value);

  /// Adds the hash of what is in `file`. Throws `IoError` when it cannot be read.
  void add_content(const std::string& name, const std::filesystem::path& file,
                   const std::string& place);

  const std::vector<Entry>& entries() const { return entries_; }
  const std::shared_ptr<FileHashes>& files() const { return files_; }

  /// 40 hexadecimal digits; does not depend on the order of the entries.
  std::string key() const;

  nlohmann::json to_json() const;
  /// Throws `nlohmann::json::exception` when `json` is not a record.
  static Record from_json(const nlohmann::json& json);

 private:
  std::shared_ptr<FileHashes> files_;
  std::vector<Entry> entries_;
};

/// What has changed from `old` to `now`, one text a change: "learning_rate 0.0001 -> 0.0002
/// (p.yaml:7:20)".
std::vector<std::string> differences(const Record& old, const Record& now);

}  // namespace prumux::pipeline

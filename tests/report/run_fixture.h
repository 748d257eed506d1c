#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace prumux::test {

/// The run folder of tests/data/report/run.json, from the quickstart: cells with 1 and 2 instances
/// at sparsity 0, 0.5, 0.7 and 0.9; pruning to 0.7 with 1 instance was interrupted. Of the weights
/// there are the shapes that tell what is left. The predict stage has read all measurements.
class RunFixture {
 public:
  RunFixture();

  const std::filesystem::path& path() const { return folder_.path(); }

  /// Replaces a file.
  void write(const std::string& name, std::string_view content) const;
  void remove(const std::string& name) const;
  /// A finished tune stage, as the last one of the pipeline, that asked for this accuracy.
  void add_search(const std::string& folder, const std::string& finished,
                  double min_accuracy) const;
  /// Removes the folders of all stages whose folder's name starts so.
  void remove_stages(const std::string& prefix) const;

 private:
  TemporaryFolder folder_;
};

/// A finished stage, whose kind is called as it is.
struct StageOnDisk {
  std::string id;
  std::string key;
  nlohmann::json result;
  std::map<std::string, std::string> settings{};
  std::map<std::string, std::string> inputs{};
  std::map<std::string, std::string> contents{};
  bool has_model = false;
  std::string finished = "2026-11-24 12:00:00 UTC";
};

/// Writes its folder into that of a run.
void write_stage(const std::filesystem::path& run, const StageOnDisk& stage);

/// Writes a safetensors file with this header and no data.
void write_safetensors_header(const std::filesystem::path& file, const std::string& header);

}  // namespace prumux::test

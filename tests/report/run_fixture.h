#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace prumux::test {

/// The run folder of tests/data/report/run.json, from the quickstart: cells with 1 and 2 instances
/// at sparsity 0, 0.5, 0.7 and 0.9; pruning to 0.7 with 1 instance was interrupted. Of the weights
/// there are the shapes that tell what is left.
class RunFixture {
 public:
  RunFixture();

  const std::filesystem::path& path() const { return folder_.path(); }

  /// Replaces a file.
  void write(const std::string& name, std::string_view content) const;
  void remove(const std::string& name) const;
  /// A finished tune stage that asked for this accuracy.
  void add_search(const std::string& folder, const std::string& finished,
                  double min_accuracy) const;
  /// Removes the folders of all stages whose folder's name starts so.
  void remove_stages(const std::string& prefix) const;

 private:
  TemporaryFolder folder_;
};

/// Writes a safetensors file with this header and no data.
void write_safetensors_header(const std::filesystem::path& file, const std::string& header);

}  // namespace prumux::test

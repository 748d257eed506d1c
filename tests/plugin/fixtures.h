#pragma once

#include <gmock/gmock.h>

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/plugin/registry.h"
#include "tests/support/error_of.h"

namespace prumux::plugin {

/// A test with an empty plugin folder of its own. Every file in it is a copy, so that libraries
/// that the process has loaded before do not matter.
class PluginFolderTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Copies the fixture `name` into the folder, as `as` if given.
  std::filesystem::path add(const std::string& name, const std::string& as = "");

  std::filesystem::path write(const std::string& file, const std::string& bytes);

  /// Overwrites bytes of the fingerprint in `file`, `offset` bytes from its beginning.
  template <typename Value>
  void patch(const std::filesystem::path& file, std::size_t offset, const Value& value) {
    patch_bytes(file, offset, std::string(reinterpret_cast<const char*>(&value), sizeof(value)));
  }
  void patch_bytes(const std::filesystem::path& file, std::size_t offset, const std::string& bytes);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// Where the build has put the fixture `name`.
std::filesystem::path fixture_file(const std::string& name);

std::string read_bytes(const std::filesystem::path& file);

using test::error_of;

}  // namespace prumux::plugin

#include "fixtures.h"

#include <unistd.h>

#include <fstream>
#include <iterator>

namespace prumux::plugin {

namespace fs = std::filesystem;

fs::path fixture_file(const std::string& name) {
  return fs::path(PRUMUX_PLUGIN_FIXTURES) / name / (name + ".so");
}

void PluginFolderTest::SetUp() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  folder_ = fs::path(testing::TempDir()) / ("prumux_plugin_" + std::to_string(getpid())) /
            test->test_suite_name() / test->name();
  fs::remove_all(folder_);
  fs::create_directories(folder_);
}

void PluginFolderTest::TearDown() { fs::remove_all(folder_); }

fs::path PluginFolderTest::add(const std::string& name, const std::string& as) {
  const fs::path target = folder_ / ((as.empty() ? name : as) + ".so");
  fs::copy_file(fixture_file(name), target);
  return target;
}

fs::path PluginFolderTest::write(const std::string& file, const std::string& bytes) {
  std::ofstream(folder_ / file, std::ios::binary) << bytes;
  return folder_ / file;
}

void PluginFolderTest::patch_bytes(const fs::path& file, std::size_t offset,
                                   const std::string& bytes) {
  std::string content = read_bytes(file);
  const std::size_t start = content.find(std::string("PRUMUX1\0", 8));
  ASSERT_NE(start, std::string::npos);
  content.replace(start + offset, bytes.size(), bytes);
  std::ofstream(file, std::ios::binary) << content;
}

std::string read_bytes(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace prumux::plugin

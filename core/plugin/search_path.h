#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace prumux::plugin {

/// Where plugins are looked for: the folders of PRUMUX_PLUGIN_PATH (separated by colons), then
/// lib/prumux/plugins of the installation that the running program belongs to. Absolute paths.
std::vector<std::filesystem::path> default_search_path();

/// The shared libraries (*.so) of `folders`, by folder and then by name, each file once. A folder
/// that cannot be read has none.
std::vector<std::filesystem::path> find_libraries(
    const std::vector<std::filesystem::path>& folders);

/// The folder's name, and whether it is missing or no folder.
std::string describe_folder(const std::filesystem::path& folder);

}  // namespace prumux::plugin

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace prumux::io {

/// Reads a whole file. Throws `IoError` naming the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` in one step: the content is written beside it, synced and renamed. After a crash
/// or a full disk the old file is still there, and nothing is left over. A symbolic link keeps
/// pointing to the file; a pipe, a terminal or a device is written to as it is.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same for content that is too large to hold: `write` receives the temporary path.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& write);

/// The same for a folder: `fill` receives an empty temporary folder; an existing `path` is
/// replaced.
void write_folder_atomically(const std::filesystem::path& path,
                             const std::function<void(const std::filesystem::path&)>& fill);

}  // namespace prumux::io

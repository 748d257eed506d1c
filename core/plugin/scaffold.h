#pragma once

#include <filesystem>
#include <string>

namespace prumux::plugin {

/// share/prumux of the installation that the running program belongs to.
std::filesystem::path shared_folder();

/// Writes the sources of a new plugin `name` of `kind` ("compressor", "multiplexer",
/// "performance-model") into the new folder `folder`, all of it or nothing. Throws `ConfigError`
/// when the kind has no template, the name is none for a C++ namespace, or the folder is not empty.
void write_scaffold(const std::string& kind, const std::string& name,
                    const std::filesystem::path& folder);

}  // namespace prumux::plugin

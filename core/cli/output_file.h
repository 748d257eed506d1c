#pragma once

#include <filesystem>
#include <string>

namespace prumux::cli {

// Found before the work rather than after it. Both throw `ConfigError`.

/// Where no file of that name could be.
void require_file_name(const std::string& option, const std::filesystem::path& output);

/// Where the results would take the place of the input, if that is a file.
void require_other_file(const std::string& input_option, const std::filesystem::path& input,
                        const std::string& output_option, const std::filesystem::path& output);

}  // namespace prumux::cli

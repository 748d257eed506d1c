#include "core/cli/output_file.h"

#include <spdlog/fmt/fmt.h>

#include "prumux/error.h"

namespace prumux::cli {

namespace fs = std::filesystem;

void require_file_name(const std::string& option, const fs::path& output) {
  std::error_code code;
  if (output.empty() || fs::is_directory(output, code)) {
    throw ConfigError(
        fmt::format("{} '{}' is no file; expected a file's name, or -", option, output.string()));
  }
  fs::path folder = fs::absolute(output).parent_path();
  while (folder.has_relative_path() && !fs::exists(folder, code)) folder = folder.parent_path();
  if (!fs::is_directory(folder, code)) {
    throw ConfigError(fmt::format("{} '{}' cannot be made: '{}' is no folder", option,
                                  output.string(), folder.string()));
  }
}

void require_other_file(const std::string& input_option, const fs::path& input,
                        const std::string& output_option, const fs::path& output) {
  std::error_code code;
  if (!fs::is_regular_file(input, code) || !fs::equivalent(input, output, code)) return;
  throw ConfigError(fmt::format("{} '{}' is the {}; name another file", output_option,
                                output.string(), input_option));
}

}  // namespace prumux::cli

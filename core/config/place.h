#pragma once

#include <filesystem>
#include <string>

namespace prumux::config {

/// Where a value comes from.
struct Place {
  std::string source = "default";  ///< A file, `--set a.b=c`, or "default".
  int line = 0;                    ///< From 1; 0 when the source has no lines.
  int column = 0;                  ///< From 1, in bytes.
  std::filesystem::path folder{};  ///< Where the relative paths of this source begin.

  /// `file:line:column`, or the source alone when it has no lines.
  std::string text() const;
};

}  // namespace prumux::config

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/io/temporary_folder.h"

namespace prumux::test {

/// A new empty folder, removed with everything in it at the end.
class TemporaryFolder : public io::TemporaryFolder {
 public:
  /// A file in it with this content.
  std::filesystem::path write(const std::string& name, std::string_view content) const;
};

}  // namespace prumux::test

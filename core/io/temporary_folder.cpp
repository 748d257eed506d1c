#include "core/io/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "prumux/error.h"

namespace prumux::io {

TemporaryFolder::TemporaryFolder() {
  std::error_code problem;
  std::filesystem::path place = std::filesystem::temp_directory_path(problem);
  if (problem) place = "/tmp";
  std::string name = (place / "prumux-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw IoError("cannot make a temporary folder in '" + place.string() +
                  "': " + std::strerror(errno) + "; set TMPDIR to a folder with space");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace prumux::io

#include "tests/support/temporary_folder.h"

#include <fstream>

namespace prumux::test {

std::filesystem::path TemporaryFolder::write(const std::string& name,
                                             std::string_view content) const {
  const std::filesystem::path file = path() / name;
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

}  // namespace prumux::test

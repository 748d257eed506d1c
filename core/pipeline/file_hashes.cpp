#include "core/pipeline/file_hashes.h"

#include <system_error>

#include "core/text/content_hash.h"

namespace prumux::pipeline {

namespace fs = std::filesystem;

const std::string& FileHashes::of(const fs::path& file) {
  std::error_code code;
  const std::uintmax_t size = fs::file_size(file, code);
  const fs::file_time_type written = fs::last_write_time(file, code);
  Known& known = files_[file];
  if (known.hash.empty() || known.size != size || known.written != written) {
    known = {size, written, text::ContentHash().add_file(file).hex()};
  }
  return known.hash;
}

}  // namespace prumux::pipeline

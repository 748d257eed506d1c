#include "core/text/token_cache.h"

#include <spdlog/spdlog.h>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::text {

std::shared_ptr<const TokenStore> open_or_build_cache(
    const std::filesystem::path& file, const std::function<void(TokenStoreWriter&)>& build) {
  if (std::filesystem::exists(file)) {
    try {
      return TokenStore::open(file);
    } catch (const DataError& problem) {
      spdlog::warn("{}; making it again", problem.what());
    }
  }
  io::write_file_atomically(file, [&](const std::filesystem::path& temporary) {
    TokenStoreWriter writer(temporary);
    build(writer);
    writer.finish();
  });
  return TokenStore::open(file);
}

}  // namespace prumux::text

#include "core/text/token_cache.h"

#include <spdlog/spdlog.h>

#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const TokenStore> build_store(const fs::path& file,
                                              const std::function<void(TokenStoreWriter&)>& build) {
  io::write_file_atomically(file, [&](const fs::path& temporary) {
    TokenStoreWriter writer(temporary);
    build(writer);
    writer.finish();
  });
  return TokenStore::open(file);
}

}  // namespace

std::shared_ptr<const TokenStore> open_or_build_cache(
    const fs::path& file, const std::function<void(TokenStoreWriter&)>& build) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    try {
      return TokenStore::open(file);
    } catch (const DataError& problem) {
      spdlog::warn("{}; making it again", problem.what());
    }
  }
  try {
    return build_store(file, build);
  } catch (const IoError& problem) {
    spdlog::warn("{}; the tokens are not kept - PRUMUX_CACHE may name another folder for them",
                 problem.what());
  }
  // The store's memory map outlives its name.
  const io::TemporaryFolder folder;
  return build_store(folder.path() / file.filename(), build);
}

}  // namespace prumux::text

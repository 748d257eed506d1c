#include "core/text/token_cache.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

/// What processes left beside `file` that were killed while they made it. Younger files may be
/// those of a process that still writes.
void remove_leftovers(const fs::path& file) {
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  const std::string begin = file.filename().string() + ".tmp-";
  std::error_code code;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), code)) {
    if (entry.path().filename().string().starts_with(begin) &&
        entry.last_write_time(code) < yesterday && !code)
      leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover, code);
}

/// Throws `IoError` when the new file is not what was written.
std::shared_ptr<const TokenStore> build_store(const fs::path& file,
                                              const std::function<void(TokenStoreWriter&)>& build) {
  io::write_file_atomically(file, [&](const fs::path& temporary) {
    TokenStoreWriter writer(temporary);
    build(writer);
    writer.finish();
  });
  try {
    return TokenStore::open(file);
  } catch (const DataError& problem) {
    throw IoError(problem.what());
  }
}

}  // namespace

std::shared_ptr<const TokenStore> open_or_build_cache(
    const fs::path& file, const std::function<void(TokenStoreWriter&)>& build) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    try {
      return TokenStore::open(file);
    } catch (const Error& problem) {
      spdlog::warn("{}; making it again", problem.what());
    }
  }
  remove_leftovers(file);
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

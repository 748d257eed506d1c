#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "core/text/token_store.h"

namespace prumux::text {

/// Opens the store at `file`. When it is missing, damaged or not readable, `build` fills a new one,
/// which takes the place of `file` only when complete. Where `file` cannot be written, the store
/// lasts as long as it is used. Throws what `build` throws, and `IoError`.
std::shared_ptr<const TokenStore> open_or_build_cache(
    const std::filesystem::path& file, const std::function<void(TokenStoreWriter&)>& build);

}  // namespace prumux::text

#pragma once

#include <cstdint>

namespace prumux::text {

/// Part of the key of all that is made from text files. To be raised when the reading of files or
/// the making of tokens changes.
inline constexpr std::uint64_t kReadingVersion = 2;

}  // namespace prumux::text

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace prumux::text {

bool is_ascii(std::string_view text);

/// With A to Z as a to z, and everything else as it is.
std::string ascii_lower_case(std::string_view text);

/// Byte offset of the first byte that is not part of a valid UTF-8 sequence.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Throws `DataError` "`place`: not valid UTF-8 at byte B ..." unless `text` is valid.
void require_utf8(std::string_view text, const std::string& place);

}  // namespace prumux::text

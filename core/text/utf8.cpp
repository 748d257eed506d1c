#include "core/text/utf8.h"

#include <spdlog/fmt/fmt.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "prumux/error.h"

namespace prumux::text {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

std::string ascii_lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& byte : lowered) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lowered;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int64_t>(text.size());
  for (std::int64_t i = 0; i < size;) {
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    const std::int64_t begin = i;
    UChar32 code_point;
    U8_NEXT(bytes, i, size, code_point);
    if (code_point < 0) return static_cast<std::size_t>(begin);
  }
  return std::nullopt;
}

void require_utf8(std::string_view text, const std::string& place) {
  const auto offset = find_invalid_utf8(text);
  if (!offset) return;
  throw DataError(fmt::format(
      "{}: not valid UTF-8 at byte offset {} of the line (0x{:02x}); convert the text to UTF-8",
      place, *offset, static_cast<unsigned char>(text[*offset])));
}

}  // namespace prumux::text

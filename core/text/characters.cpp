#include "core/text/characters.h"

#include <unicode/uchar.h>

#include <cstdint>

namespace prumux::text {
namespace {

constexpr std::uint8_t kUnicodeVersion = 8;

/// The general category in Unicode 8.
std::int8_t category(UChar32 character) {
  // Characters that a later version moved to another category.
  switch (character) {
    case 0x166D:
    case 0x111C9:
      return U_OTHER_PUNCTUATION;
    case 0x1734:
      return U_NON_SPACING_MARK;
    case 0x1885:
    case 0x1886:
      return U_OTHER_LETTER;
    case 0xA9BD:
      return U_COMBINING_SPACING_MARK;
    default:
      break;
  }
  UVersionInfo age;
  u_charAge(character, age);
  return age[0] > kUnicodeVersion ? std::int8_t{U_UNASSIGNED} : u_charType(character);
}

}  // namespace

bool is_removed(UChar32 character) {
  if (character == '\t' || character == '\n' || character == '\r') return false;
  if (character == 0 || character == 0xFFFD) return true;
  const auto type = category(character);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_PRIVATE_USE_CHAR;
}

bool is_space(UChar32 character) { return u_isUWhiteSpace(character) != 0; }

bool is_punctuation(UChar32 character) {
  if (character < 0x80) {
    return (character >= 33 && character <= 47) || (character >= 58 && character <= 64) ||
           (character >= 91 && character <= 96) || (character >= 123 && character <= 126);
  }
  return (U_MASK(category(character)) & U_GC_P_MASK) != 0;
}

bool is_chinese(UChar32 character) {
  return (character >= 0x4E00 && character <= 0x9FFF) ||
         (character >= 0x3400 && character <= 0x4DBF) ||
         (character >= 0x20000 && character <= 0x2A6DF) ||
         (character >= 0x2A700 && character <= 0x2B81F) ||
         // 2B820 to 2B91F are missing in Hugging Face's fast tokenizer, too.
         (character >= 0x2B920 && character <= 0x2CEAF) ||
         (character >= 0xF900 && character <= 0xFAFF) ||
         (character >= 0x2F800 && character <= 0x2FA1F);
}

bool is_accent(UChar32 character) { return category(character) == U_NON_SPACING_MARK; }

}  // namespace prumux::text

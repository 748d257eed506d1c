#include "core/text/word_splitter.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>

#include "core/text/characters.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

enum class Class : std::uint8_t { kRemoved, kSpace, kPunctuation, kLetter };

Class classify(UChar32 character) {
  if (is_removed(character)) return Class::kRemoved;
  if (is_space(character)) return Class::kSpace;
  return is_punctuation(character) ? Class::kPunctuation : Class::kLetter;
}

std::array<Class, 128> classify_ascii() {
  std::array<Class, 128> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = classify(static_cast<UChar32>(i));
  return classes;
}

void end_word(std::string& words) {
  if (!words.empty() && words.back() != ' ') words += ' ';
}

void append_utf8(UChar32 character, std::string& words) {
  std::array<std::uint8_t, U8_MAX_LENGTH> bytes{};
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, character);
  words.append(reinterpret_cast<const char*>(bytes.data()), size);
}

void append_lower_case(UChar32 character, std::string& words) {
  constexpr UChar32 kCapitalIWithDot = 0x130;  // the one letter that becomes two characters
  if (character == kCapitalIWithDot) {
    words += "i\xCC\x87";
    return;
  }
  append_utf8(u_tolower(character), words);
}

icu::UnicodeString decompose(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString result;
  if (U_SUCCESS(status)) result = normalizer->normalize(text, status);
  if (U_FAILURE(status)) {
    throw IoError(std::string("cannot normalize text, ICU reports ") + u_errorName(status) +
                  "; reinstall the ICU library and its data");
  }
  return result;
}

}  // namespace

std::string WordSplitter::split(std::string_view text) const {
  return is_ascii(text) ? split_ascii(text) : split_unicode(text);
}

std::string WordSplitter::split_ascii(std::string_view text) const {
  static const std::array<Class, 128> kClasses = classify_ascii();
  std::string words;
  words.reserve(text.size() + 16);
  for (const char character : text) {
    switch (kClasses[static_cast<unsigned char>(character)]) {
      case Class::kRemoved:
        break;
      case Class::kSpace:
        end_word(words);
        break;
      case Class::kPunctuation:
        end_word(words);
        words += character;
        words += ' ';
        break;
      case Class::kLetter: {
        const bool is_capital = character >= 'A' && character <= 'Z';
        words += lower_case && is_capital ? static_cast<char>(character - 'A' + 'a') : character;
      }
    }
  }
  return words;
}

std::string WordSplitter::split_unicode(std::string_view text) const {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  icu::UnicodeString cleaned;
  for (std::size_t i = 0; i < text.size();) {
    UChar32 character;
    U8_NEXT_UNSAFE(bytes, i, character);
    if (is_removed(character)) continue;
    if (is_space(character)) {
      cleaned.append(u' ');
    } else if (split_chinese_characters && is_chinese(character)) {
      cleaned.append(u' ').append(character).append(u' ');
    } else {
      cleaned.append(character);
    }
  }
  if (strip_accents) cleaned = decompose(cleaned);

  std::string words;
  words.reserve(text.size() + 16);
  for (std::int32_t i = 0; i < cleaned.length(); i = cleaned.moveIndex32(i, 1)) {
    const UChar32 character = cleaned.char32At(i);
    if (character == ' ') {
      end_word(words);
    } else if (strip_accents && is_accent(character)) {
      continue;
    } else if (is_punctuation(character)) {
      end_word(words);
      append_utf8(character, words);
      words += ' ';
    } else if (lower_case) {
      append_lower_case(character, words);
    } else {
      append_utf8(character, words);
    }
  }
  return words;
}

}  // namespace prumux::text

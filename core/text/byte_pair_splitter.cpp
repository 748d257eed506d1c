#include "core/text/byte_pair_splitter.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace prumux::text {
namespace {

constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                           "'m", "'ll", "'d"};

struct Range {
  UChar32 first;
  UChar32 last;
};

// What Unicode 15.1 and 16, whose tables Hugging Face has, added to those that ICU may have.
constexpr Range kNewLetters[] = {
    {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
    {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
    {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7},
    {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA},
    {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
    {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D}};
constexpr Range kNewNumbers[] = {{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9},
                                 {0x16130, 0x16139}, {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9},
                                 {0x1E5F1, 0x1E5FA}};

template <typename Ranges>
bool is_in(const Ranges& ranges, UChar32 character) {
  return std::any_of(std::begin(ranges), std::end(ranges), [character](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

CharacterClass class_of_new(UChar32 character) {
  if (is_in(kNewLetters, character)) return CharacterClass::letter;
  return is_in(kNewNumbers, character) ? CharacterClass::number : CharacterClass::other;
}

/// Walks over the characters of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return position_ == text_.size(); }
  std::size_t position() const { return position_; }
  std::string_view rest() const { return text_.substr(position_); }
  void skip(std::size_t bytes) { position_ += bytes; }

  CharacterClass next_class() const {
    std::size_t next = position_;
    return read(next);
  }

  /// Passes the characters of the class `wanted`; returns where the last one begins.
  std::size_t skip_class(CharacterClass wanted) {
    std::size_t last = position_;
    for (std::size_t next = position_; next < text_.size() && read(next) == wanted;) {
      last = position_;
      position_ = next;
    }
    return last;
  }

 private:
  CharacterClass read(std::size_t& at) const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text_.data());
    UChar32 character;
    U8_NEXT_UNSAFE(bytes, at, character);
    return class_of(character);
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

/// Passes one part, which is at least one character.
void skip_part(Cursor& cursor) {
  for (const std::string_view contraction : kContractions) {
    if (cursor.rest().starts_with(contraction)) {
      cursor.skip(contraction.size());
      return;
    }
  }
  if (cursor.rest().starts_with(' ')) {
    Cursor after = cursor;
    after.skip(1);
    if (!after.done() && after.next_class() != CharacterClass::space) cursor = after;
  }
  const CharacterClass kind = cursor.next_class();
  const std::size_t begin = cursor.position();
  const std::size_t last = cursor.skip_class(kind);
  // The last space before something else belongs to that, or is a part of its own.
  if (kind == CharacterClass::space && !cursor.done() && last > begin) {
    cursor.skip(last - cursor.position());
  }
}

}  // namespace

CharacterClass class_of(UChar32 character) {
  const std::uint32_t category = U_GET_GC_MASK(character);
  if (category == U_GC_CN_MASK) return class_of_new(character);
  if ((category & U_GC_L_MASK) != 0) return CharacterClass::letter;
  if ((category & U_GC_N_MASK) != 0) return CharacterClass::number;
  return u_isUWhiteSpace(character) != 0 ? CharacterClass::space : CharacterClass::other;
}

void split_for_byte_pairs(std::string_view text,
                          const std::function<void(std::string_view)>& consume) {
  for (Cursor cursor(text); !cursor.done();) {
    const std::size_t begin = cursor.position();
    skip_part(cursor);
    consume(text.substr(begin, cursor.position() - begin));
  }
}

}  // namespace prumux::text

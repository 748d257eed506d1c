#pragma once

#include <unicode/umachine.h>

#include <functional>
#include <string_view>

namespace prumux::text {

/// Classes of characters in GPT-2's splitting of text.
enum class CharacterClass { letter, number, space, other };

/// By the Unicode tables that Hugging Face's fast tokenizers use for byte-level models.
CharacterClass class_of(UChar32 character);

/// Calls `consume` for each part of `text` (valid UTF-8), in order: English contractions; runs of
/// letters, of numbers or of other characters, each with one space before it; runs of spaces, all
/// but the last before anything else. Nothing is left out.
void split_for_byte_pairs(std::string_view text,
                          const std::function<void(std::string_view)>& consume);

}  // namespace prumux::text

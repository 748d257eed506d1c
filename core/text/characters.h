#pragma once

#include <unicode/umachine.h>

namespace prumux::text {

// Character classes of BERT's tokenizer. The categories are those of Unicode 8, whatever version
// ICU has, since Hugging Face's fast tokenizer uses Unicode 8 and ids must not differ from its.

/// Removed from the text: NUL, U+FFFD and the categories Cc, Cf and Co, except tab and line ends.
bool is_removed(UChar32 character);

/// Becomes a space.
bool is_space(UChar32 character);

/// A word of its own: ASCII symbols and category P.
bool is_punctuation(UChar32 character);

/// A CJK ideograph, which the tokenizer surrounds by spaces (not kana, not Hangul).
bool is_chinese(UChar32 character);

/// Category Mn: accents after canonical decomposition.
bool is_accent(UChar32 character);

}  // namespace prumux::text

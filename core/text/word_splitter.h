#pragma once

#include <string>
#include <string_view>

namespace prumux::text {

/// BERT's cleaning and splitting of text, before words are cut into pieces.
struct WordSplitter {
  bool lower_case = true;
  bool strip_accents = true;
  bool split_chinese_characters = true;

  /// The words of `text` (valid UTF-8), separated by single spaces: control characters removed,
  /// accents and case as the options say, every punctuation mark a word of its own.
  std::string split(std::string_view text) const;

 private:
  std::string split_ascii(std::string_view text) const;
  std::string split_unicode(std::string_view text) const;
};

}  // namespace prumux::text

#pragma once

#include <string_view>
#include <vector>

#include "core/text/vocabulary.h"

namespace prumux::text {

/// Cuts text into the tokens of a vocabulary. Immutable: any number of threads may use one.
class SubwordModel {
 public:
  virtual ~SubwordModel();

  /// Appends the tokens of `text`, valid UTF-8 without special tokens.
  virtual void append(std::string_view text, std::vector<TokenId>& ids) const = 0;

  /// The same for a word of a text that was split into words before.
  virtual void append_word(std::string_view word, std::vector<TokenId>& ids) const = 0;
};

}  // namespace prumux::text

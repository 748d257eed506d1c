#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/subword_model.h"
#include "core/text/vocabulary.h"

namespace prumux::text {

/// Byte-level byte-pair encoding (GPT-2, RoBERTa): the bytes of each part of a text are tokens, of
/// which neighbours merge in the order of a table, the first line first.
class BytePairs final : public SubwordModel {
 public:
  /// Merges are lines "left right" of tokens. With `add_prefix_space` a text begins with a space
  /// always. Throws `DataError` naming the merge that is not one of two tokens into a third.
  BytePairs(std::shared_ptr<const Vocabulary> vocabulary, const std::vector<std::string>& merges,
            bool add_prefix_space);

  void append(std::string_view text, std::vector<TokenId>& ids) const override;
  void append_word(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  struct Merge {
    std::uint32_t rank;
    TokenId result;
  };

  const Merge* find_merge(TokenId left, TokenId right) const;
  void append_with_space(std::string_view text, std::vector<TokenId>& ids) const;
  void append_text(std::string_view text, std::vector<TokenId>& ids) const;
  void append_part(std::string_view part, std::vector<TokenId>& ids) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  bool add_prefix_space_;
  std::array<std::optional<TokenId>, 256> bytes_;
  std::unordered_map<std::uint64_t, Merge> merges_;  // by both tokens
};

}  // namespace prumux::text

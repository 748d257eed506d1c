#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/subword_model.h"
#include "core/text/vocabulary.h"
#include "core/text/word_splitter.h"

namespace prumux::text {

/// BERT's WordPiece: words are cut into their longest pieces from the left, all but the first of
/// which begin with "##" in the vocabulary.
class WordPiece final : public SubwordModel {
 public:
  WordPiece(std::shared_ptr<const Vocabulary> vocabulary, const WordSplitter& splitter,
            TokenId unknown_id);

  void append(std::string_view text, std::vector<TokenId>& ids) const override;
  void append_word(std::string_view word, std::vector<TokenId>& ids) const override;

 private:
  void append_pieces(std::string_view word, std::vector<TokenId>& ids) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  WordSplitter splitter_;
  TokenId unknown_id_;
  // Word pieces without their "##", so that looking one up copies nothing; views into vocabulary_.
  std::unordered_map<std::string_view, TokenId> continuations_;
  std::size_t longest_piece_ = 0;  // bytes
};

}  // namespace prumux::text

#include "core/text/word_piece.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace prumux::text {
namespace {

constexpr std::string_view kContinuationPrefix = "##";
constexpr std::size_t kLongestWord = 100;  // characters; longer words are unknown

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return !U8_IS_TRAIL(static_cast<std::uint8_t>(byte));
  }));
}

}  // namespace

SubwordModel::~SubwordModel() = default;

WordPiece::WordPiece(std::shared_ptr<const Vocabulary> vocabulary, const WordSplitter& splitter,
                     TokenId unknown_id)
    : vocabulary_(std::move(vocabulary)), splitter_(splitter), unknown_id_(unknown_id) {
  for (const std::string& token : vocabulary_->tokens()) {
    std::string_view piece = token;
    longest_piece_ = std::max(longest_piece_, piece.size());
    if (!piece.starts_with(kContinuationPrefix)) continue;
    piece.remove_prefix(kContinuationPrefix.size());
    continuations_.insert_or_assign(piece, *vocabulary_->find(token));
  }
}

void WordPiece::append(std::string_view text, std::vector<TokenId>& ids) const {
  const std::string words = splitter_.split(text);
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (end > begin) append_pieces(std::string_view(words).substr(begin, end - begin), ids);
    begin = end + 1;
  }
}

void WordPiece::append_word(std::string_view word, std::vector<TokenId>& ids) const {
  append(word, ids);
}

void WordPiece::append_pieces(std::string_view word, std::vector<TokenId>& ids) const {
  if (const auto whole = vocabulary_->find(word); whole && word.size() <= kLongestWord) {
    ids.push_back(*whole);
    return;
  }
  if (count_characters(word) > kLongestWord) {
    ids.push_back(unknown_id_);
    return;
  }
  const std::size_t size_before = ids.size();
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t length = std::min(word.size() - begin, longest_piece_);
    for (; length > 0; --length) {
      const std::string_view piece = word.substr(begin, length);
      if (begin > 0) {
        const auto found = continuations_.find(piece);
        if (found == continuations_.end()) continue;
        ids.push_back(found->second);
        break;
      }
      if (const auto found = vocabulary_->find(piece)) {
        ids.push_back(*found);
        break;
      }
    }
    if (length == 0) {
      ids.resize(size_before);
      ids.push_back(unknown_id_);
      return;
    }
    begin += length;
  }
}

}  // namespace prumux::text

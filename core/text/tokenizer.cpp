#include "core/text/tokenizer.h"

#include <spdlog/fmt/fmt.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "core/text/content_hash.h"
#include "core/text/tokenizer_files.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

constexpr std::string_view kContinuationPrefix = "##";
constexpr std::size_t kLongestWord = 100;  // characters; longer words are unknown

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return !U8_IS_TRAIL(static_cast<std::uint8_t>(byte));
  }));
}

void require_room(std::size_t max_length, std::size_t special_count) {
  if (max_length >= special_count) return;
  throw ConfigError(
      fmt::format("a maximum length of {} tokens has no room for the {} special tokens; use more",
                  max_length, special_count));
}

struct PairLengths {
  std::size_t first;
  std::size_t second;
};

/// Shortens the longer text first; when both must give way, the two end up equal, and an odd token
/// goes to the one that was longer (the second, when they were equal).
PairLengths truncate_longest_first(PairLengths lengths, std::size_t budget) {
  const bool first_is_longer = lengths.first > lengths.second;
  std::size_t shorter = std::min(lengths.first, lengths.second);
  std::size_t longer = std::max(lengths.first, lengths.second);
  if (shorter + longer > budget) {
    longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
    if (shorter + longer > budget) {
      shorter = budget / 2;
      longer = shorter + budget % 2;
    }
  }
  return first_is_longer ? PairLengths{longer, shorter} : PairLengths{shorter, longer};
}

}  // namespace

Tokenizer Tokenizer::load(const std::filesystem::path& model_folder) {
  TokenizerFiles files = read_tokenizer_files(model_folder);
  return Tokenizer(std::move(files.vocabulary), std::move(files.settings));
}

Tokenizer::Tokenizer(Vocabulary vocabulary, TokenizerSettings settings)
    : vocabulary_(std::move(vocabulary)),
      settings_(std::move(settings)),
      splitter_{settings_.lower_case, settings_.strip_accents, settings_.split_chinese_characters},
      unknown_id_(special_id(settings_.unknown_token)),
      separator_id_(special_id(settings_.separator_token)),
      padding_id_(special_id(settings_.padding_token)),
      class_id_(special_id(settings_.class_token)),
      mask_id_(special_id(settings_.mask_token)) {
  for (const std::string* token :
       {&settings_.unknown_token, &settings_.separator_token, &settings_.padding_token,
        &settings_.class_token, &settings_.mask_token}) {
    special_tokens_.emplace_back(*token, special_id(*token));
    if (special_first_bytes_.find(token->front()) == std::string::npos)
      special_first_bytes_ += token->front();
  }
  std::stable_sort(special_tokens_.begin(), special_tokens_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });

  for (const std::string& token : vocabulary_.tokens()) {
    std::string_view piece = token;
    longest_piece_ = std::max(longest_piece_, piece.size());
    if (!piece.starts_with(kContinuationPrefix)) continue;
    piece.remove_prefix(kContinuationPrefix.size());
    continuations_.insert_or_assign(piece, *vocabulary_.find(token));
  }
}

TokenId Tokenizer::special_id(const std::string& token) const {
  const auto id = token.empty() ? std::nullopt : vocabulary_.find(token);
  if (!id) throw DataError(fmt::format("the vocabulary lacks the special token '{}'", token));
  return *id;
}

bool Tokenizer::is_special(TokenId id) const {
  return std::any_of(special_tokens_.begin(), special_tokens_.end(),
                     [&](const auto& special) { return special.second == id; });
}

std::vector<TokenId> Tokenizer::tokenize(std::string_view text) const {
  require_utf8(text, "text");
  std::vector<TokenId> ids;
  std::size_t plain_begin = 0;
  std::size_t position = 0;
  while ((position = text.find_first_of(special_first_bytes_, position)) !=
         std::string_view::npos) {
    const auto special = std::find_if(
        special_tokens_.begin(), special_tokens_.end(),
        [&](const auto& candidate) { return text.substr(position).starts_with(candidate.first); });
    if (special == special_tokens_.end()) {
      ++position;
      continue;
    }
    append_plain(text.substr(plain_begin, position - plain_begin), ids);
    ids.push_back(special->second);
    position += special->first.size();
    plain_begin = position;
  }
  append_plain(text.substr(plain_begin), ids);
  return ids;
}

void Tokenizer::append_plain(std::string_view text, std::vector<TokenId>& ids) const {
  if (text.empty()) return;
  const std::string words = splitter_.split(text);
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (end > begin) append_word(std::string_view(words).substr(begin, end - begin), ids);
    begin = end + 1;
  }
}

void Tokenizer::append_word(std::string_view word, std::vector<TokenId>& ids) const {
  if (const auto whole = vocabulary_.find(word); whole && word.size() <= kLongestWord) {
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
      if (const auto found = vocabulary_.find(piece)) {
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

Encoding Tokenizer::encode(std::string_view text, std::size_t max_length) const {
  constexpr std::size_t kSpecialCount = 2;
  require_room(max_length, kSpecialCount);
  const std::vector<TokenId> tokens = tokenize(text);
  const std::size_t length = std::min(tokens.size(), max_length - kSpecialCount);
  Encoding encoding;
  encoding.ids.reserve(length + kSpecialCount);
  encoding.ids.push_back(class_id_);
  encoding.ids.insert(encoding.ids.end(), tokens.data(), tokens.data() + length);
  encoding.ids.push_back(separator_id_);
  encoding.type_ids.assign(encoding.ids.size(), 0);
  return encoding;
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                std::size_t max_length) const {
  constexpr std::size_t kSpecialCount = 3;
  require_room(max_length, kSpecialCount);
  const std::vector<TokenId> first_tokens = tokenize(first);
  const std::vector<TokenId> second_tokens = tokenize(second);
  const PairLengths lengths = truncate_longest_first({first_tokens.size(), second_tokens.size()},
                                                     max_length - kSpecialCount);
  Encoding encoding;
  encoding.ids.reserve(lengths.first + lengths.second + kSpecialCount);
  encoding.ids.push_back(class_id_);
  encoding.ids.insert(encoding.ids.end(), first_tokens.data(), first_tokens.data() + lengths.first);
  encoding.ids.push_back(separator_id_);
  encoding.type_ids.assign(encoding.ids.size(), 0);
  encoding.ids.insert(encoding.ids.end(), second_tokens.data(),
                      second_tokens.data() + lengths.second);
  encoding.ids.push_back(separator_id_);
  encoding.type_ids.resize(encoding.ids.size(), 1);
  return encoding;
}

void Tokenizer::save(const std::filesystem::path& folder) const {
  write_tokenizer_files(folder, vocabulary_, settings_);
}

std::string Tokenizer::fingerprint() const {
  ContentHash hash;
  hash.add(settings_.lower_case).add(settings_.strip_accents);
  hash.add(settings_.split_chinese_characters);
  for (const auto& [token, id] : special_tokens_) hash.add(token);
  for (const TokenId id : {unknown_id_, separator_id_, padding_id_, class_id_, mask_id_})
    hash.add(static_cast<std::uint64_t>(id));
  for (const std::string& token : vocabulary_.tokens()) hash.add(token);
  return hash.hex();
}

}  // namespace prumux::text

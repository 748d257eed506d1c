#include "core/text/tokenizer.h"

#include <spdlog/fmt/fmt.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

#include "core/text/byte_pairs.h"
#include "core/text/content_hash.h"
#include "core/text/tokenizer_files.h"
#include "core/text/utf8.h"
#include "core/text/word_piece.h"
#include "core/text/word_splitter.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

void require_room(std::size_t max_length, std::size_t special_count) {
  if (max_length >= special_count) return;
  throw ConfigError(
      fmt::format("a maximum length of {} tokens has no room for the {} special tokens; use more",
                  max_length, special_count));
}

std::string_view without_trailing_space(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t previous = end;
    UChar32 character;
    U8_PREV_UNSAFE(bytes, previous, character);
    if (u_isUWhiteSpace(character) == 0) break;
    end = previous;
  }
  return text.substr(0, end);
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

TokenizerSettings TokenizerSettings::of_byte_pairs() {
  TokenizerSettings settings;
  settings.kind = TokenizerKind::byte_pairs;
  settings.mask_takes_space = true;
  settings.unknown_token = "<unk>";
  settings.separator_token = "</s>";
  settings.padding_token = "<pad>";
  settings.class_token = "<s>";
  settings.mask_token = "<mask>";
  return settings;
}

Tokenizer Tokenizer::load(const std::filesystem::path& model_folder) {
  TokenizerFiles files = read_tokenizer_files(model_folder);
  return Tokenizer(std::move(files.vocabulary), std::move(files.settings), std::move(files.merges));
}

Tokenizer::Tokenizer(Vocabulary vocabulary, TokenizerSettings settings,
                     std::vector<std::string> merges)
    : vocabulary_(std::make_shared<const Vocabulary>(std::move(vocabulary))),
      settings_(std::move(settings)),
      merges_(std::move(merges)),
      unknown_id_(special_id(settings_.unknown_token)),
      separator_id_(special_id(settings_.separator_token)),
      padding_id_(special_id(settings_.padding_token)),
      class_id_(special_id(settings_.class_token)),
      mask_id_(special_id(settings_.mask_token)) {
  if (settings_.kind == TokenizerKind::byte_pairs) {
    model_ = std::make_shared<const BytePairs>(vocabulary_, merges_, settings_.add_prefix_space);
  } else {
    const WordSplitter splitter{settings_.lower_case, settings_.strip_accents,
                                settings_.split_chinese_characters};
    model_ = std::make_shared<const WordPiece>(vocabulary_, splitter, unknown_id_);
  }
  for (const std::string* token :
       {&settings_.unknown_token, &settings_.separator_token, &settings_.padding_token,
        &settings_.class_token, &settings_.mask_token}) {
    special_tokens_.push_back({*token, special_id(*token)});
    if (special_first_bytes_.find(token->front()) == std::string::npos)
      special_first_bytes_ += token->front();
  }
  std::stable_sort(special_tokens_.begin(), special_tokens_.end(),
                   [](const auto& a, const auto& b) { return a.text.size() > b.text.size(); });
}

TokenId Tokenizer::special_id(const std::string& token) const {
  const auto id = token.empty() ? std::nullopt : vocabulary_->find(token);
  if (!id) throw DataError(fmt::format("the vocabulary lacks the special token '{}'", token));
  return *id;
}

bool Tokenizer::is_special(TokenId id) const {
  return std::any_of(special_tokens_.begin(), special_tokens_.end(),
                     [&](const auto& special) { return special.id == id; });
}

template <typename AppendPlain>
void Tokenizer::append_tokens(std::string_view text, const AppendPlain& append_plain,
                              std::vector<TokenId>& ids) const {
  const auto append_before = [&](std::string_view plain, bool takes_space) {
    if (takes_space) plain = without_trailing_space(plain);
    if (!plain.empty()) append_plain(plain);
  };
  std::size_t plain_begin = 0;
  std::size_t position = 0;
  while ((position = text.find_first_of(special_first_bytes_, position)) !=
         std::string_view::npos) {
    const auto special = std::find_if(
        special_tokens_.begin(), special_tokens_.end(),
        [&](const auto& candidate) { return text.substr(position).starts_with(candidate.text); });
    if (special == special_tokens_.end()) {
      ++position;
      continue;
    }
    append_before(text.substr(plain_begin, position - plain_begin),
                  settings_.mask_takes_space && special->id == mask_id_);
    ids.push_back(special->id);
    position += special->text.size();
    plain_begin = position;
  }
  append_before(text.substr(plain_begin), false);
}

std::vector<TokenId> Tokenizer::tokenize(std::string_view text) const {
  require_utf8(text, "text");
  std::vector<TokenId> ids;
  append_tokens(
      text, [&](std::string_view plain) { model_->append(plain, ids); }, ids);
  return ids;
}

std::size_t Encoding::second_begin() const {
  const auto second = std::find(type_ids.begin(), type_ids.end(), std::uint8_t{1});
  return static_cast<std::size_t>(second - type_ids.begin());
}

Encoding Tokenizer::surrounded(std::span<const TokenId> tokens, std::size_t max_length) const {
  constexpr std::size_t kSpecialCount = 2;
  require_room(max_length, kSpecialCount);
  const std::size_t length = std::min(tokens.size(), max_length - kSpecialCount);
  Encoding encoding;
  encoding.ids.reserve(length + kSpecialCount);
  encoding.ids.push_back(class_id_);
  encoding.ids.insert(encoding.ids.end(), tokens.data(), tokens.data() + length);
  encoding.ids.push_back(separator_id_);
  encoding.type_ids.assign(encoding.ids.size(), 0);
  return encoding;
}

Encoding Tokenizer::encode(std::string_view text, std::size_t max_length) const {
  return surrounded(tokenize(text), max_length);
}

WordEncoding Tokenizer::encode_words(std::span<const std::string> words,
                                     std::size_t max_length) const {
  std::vector<TokenId> tokens;
  WordEncoding result;
  for (const std::string& word : words) {
    require_utf8(word, "word");
    const std::size_t before = tokens.size();
    append_tokens(
        word, [&](std::string_view plain) { model_->append_word(plain, tokens); }, tokens);
    // Behind the class token.
    result.first_tokens.push_back(tokens.size() > before ? before + 1 : 0);
  }
  result.encoding = surrounded(tokens, max_length);
  const std::size_t separator = result.encoding.ids.size() - 1;
  for (std::size_t& first : result.first_tokens) {
    if (first >= separator) first = 0;
  }
  return result;
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                std::size_t max_length) const {
  const bool is_roberta = settings_.kind == TokenizerKind::byte_pairs;
  const std::size_t special_count = is_roberta ? 4 : 3;
  require_room(max_length, special_count);
  const std::vector<TokenId> first_tokens = tokenize(first);
  const std::vector<TokenId> second_tokens = tokenize(second);
  const PairLengths lengths = truncate_longest_first({first_tokens.size(), second_tokens.size()},
                                                     max_length - special_count);
  Encoding encoding;
  encoding.ids.reserve(lengths.first + lengths.second + special_count);
  encoding.ids.push_back(class_id_);
  encoding.ids.insert(encoding.ids.end(), first_tokens.data(), first_tokens.data() + lengths.first);
  encoding.ids.push_back(separator_id_);
  if (is_roberta) encoding.ids.push_back(separator_id_);
  encoding.type_ids.assign(encoding.ids.size(), 0);
  encoding.ids.insert(encoding.ids.end(), second_tokens.data(),
                      second_tokens.data() + lengths.second);
  encoding.ids.push_back(separator_id_);
  encoding.type_ids.resize(encoding.ids.size(), is_roberta ? 0 : 1);
  return encoding;
}

void Tokenizer::save(const std::filesystem::path& folder) const {
  write_tokenizer_files(folder, *vocabulary_, settings_, merges_);
}

std::string Tokenizer::fingerprint() const {
  ContentHash hash;
  hash.add(settings_.lower_case).add(settings_.strip_accents);
  hash.add(settings_.split_chinese_characters);
  for (const SpecialToken& special : special_tokens_) hash.add(special.text);
  for (const TokenId id : {unknown_id_, separator_id_, padding_id_, class_id_, mask_id_})
    hash.add(static_cast<std::uint64_t>(id));
  for (const std::string& token : vocabulary_->tokens()) hash.add(token);
  if (settings_.kind == TokenizerKind::byte_pairs) {
    hash.add("byte pairs").add(settings_.add_prefix_space).add(settings_.mask_takes_space);
    for (const std::string& merge : merges_) hash.add(merge);
  }
  return hash.hex();
}

}  // namespace prumux::text

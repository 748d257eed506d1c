#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text/vocabulary.h"
#include "core/text/word_splitter.h"

namespace prumux::text {

inline constexpr std::size_t kNoLengthLimit = std::numeric_limits<std::size_t>::max();

/// What tokenizer_config.json (or tokenizer.json) says about a BERT tokenizer.
struct TokenizerSettings {
  bool lower_case = true;
  bool strip_accents = true;
  bool split_chinese_characters = true;
  std::size_t max_length = kNoLengthLimit;  ///< `model_max_length`, not applied by itself.
  std::string unknown_token = "[UNK]";
  std::string separator_token = "[SEP]";
  std::string padding_token = "[PAD]";
  std::string class_token = "[CLS]";
  std::string mask_token = "[MASK]";
};

/// The tokens of a text or of a pair of texts, [CLS] and [SEP] included.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<std::uint8_t> type_ids;  ///< 0 for the first text, 1 for the second.
};

/// BERT's WordPiece tokenizer; its ids equal those of Hugging Face's fast BERT tokenizer.
/// Immutable: any number of threads may use one.
class Tokenizer {
 public:
  /// Reads vocab.txt and tokenizer_config.json of a model folder; what they lack is taken from
  /// tokenizer.json. Throws `IoError` or `DataError` naming the file.
  static Tokenizer load(const std::filesystem::path& model_folder);

  /// Throws `DataError` when the vocabulary lacks one of the special tokens.
  Tokenizer(Vocabulary vocabulary, TokenizerSettings settings);

  /// Tokens without [CLS] and [SEP]. Special tokens spelled out in the text become their ids.
  /// Throws `DataError` with the byte offset when the text is not UTF-8.
  std::vector<TokenId> tokenize(std::string_view text) const;

  /// [CLS] text [SEP], cut to `max_length` tokens. Throws `DataError` as `tokenize`, and
  /// `ConfigError` when `max_length` has no room for the special tokens.
  Encoding encode(std::string_view text, std::size_t max_length = kNoLengthLimit) const;

  /// [CLS] first [SEP] second [SEP], cut to `max_length` tokens from the longer text first.
  Encoding encode_pair(std::string_view first, std::string_view second,
                       std::size_t max_length = kNoLengthLimit) const;

  TokenId unknown_id() const { return unknown_id_; }
  TokenId separator_id() const { return separator_id_; }
  TokenId padding_id() const { return padding_id_; }
  TokenId class_id() const { return class_id_; }
  TokenId mask_id() const { return mask_id_; }
  bool is_special(TokenId id) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }
  const TokenizerSettings& settings() const { return settings_; }

  /// Writes vocab.txt and tokenizer_config.json, which `load` and Hugging Face read.
  void save(const std::filesystem::path& folder) const;

  /// Hexadecimal hash of everything that determines the ids.
  std::string fingerprint() const;

 private:
  void append_plain(std::string_view text, std::vector<TokenId>& ids) const;
  void append_word(std::string_view word, std::vector<TokenId>& ids) const;
  TokenId special_id(const std::string& token) const;

  Vocabulary vocabulary_;
  TokenizerSettings settings_;
  WordSplitter splitter_;
  TokenId unknown_id_;
  TokenId separator_id_;
  TokenId padding_id_;
  TokenId class_id_;
  TokenId mask_id_;
  std::vector<std::pair<std::string, TokenId>> special_tokens_;  // longest first
  std::string special_first_bytes_;
  // Word pieces without their "##", so that looking one up copies nothing; views into vocabulary_.
  std::unordered_map<std::string_view, TokenId> continuations_;
  std::size_t longest_piece_ = 0;  // bytes
};

}  // namespace prumux::text

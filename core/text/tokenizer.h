#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/subword_model.h"
#include "core/text/vocabulary.h"

namespace prumux::text {

inline constexpr std::size_t kNoLengthLimit = std::numeric_limits<std::size_t>::max();

enum class TokenizerKind {
  word_piece,  ///< BERT, ELECTRA.
  byte_pairs,  ///< RoBERTa.
};

/// What tokenizer_config.json (or tokenizer.json) says about a tokenizer.
struct TokenizerSettings {
  TokenizerKind kind = TokenizerKind::word_piece;
  bool lower_case = true;  ///< WordPiece only, as the next two.
  bool strip_accents = true;
  bool split_chinese_characters = true;
  bool add_prefix_space = false;            ///< Byte pairs only: a text begins with a space always.
  bool mask_takes_space = false;            ///< The mask token swallows the spaces before it.
  std::size_t max_length = kNoLengthLimit;  ///< `model_max_length`, not applied by itself.
  std::string unknown_token = "[UNK]";
  std::string separator_token = "[SEP]";
  std::string padding_token = "[PAD]";
  std::string class_token = "[CLS]";
  std::string mask_token = "[MASK]";

  /// Those of a RoBERTa of which nothing else is known.
  static TokenizerSettings of_byte_pairs();
};

/// The tokens of a text or of a pair of texts, special tokens included.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<std::uint8_t> type_ids;  ///< 0 for the first text, 1 for BERT's second.

  /// Where the tokens of type 1 begin; the number of tokens if there are none.
  std::size_t second_begin() const;
};

/// The tokens of a text that was split into words before.
struct WordEncoding {
  Encoding encoding;
  /// Of each word, where its first token stands; 0 for words without one, and for those cut off.
  std::vector<std::size_t> first_tokens;
};

/// A model's tokenizer: BERT's WordPiece or RoBERTa's byte pairs. Its ids equal those of Hugging
/// Face's fast tokenizers. Immutable: any number of threads may use one.
class Tokenizer {
 public:
  /// Reads the files of a model folder: vocab.txt, or vocab.json and merges.txt; and
  /// tokenizer_config.json. What they lack is taken from tokenizer.json. Throws `IoError` or
  /// `DataError` naming the file.
  static Tokenizer load(const std::filesystem::path& model_folder);

  /// `merges`: of byte pairs, see `BytePairs`. Throws `DataError` when the vocabulary lacks one of
  /// the special tokens, or a merge does not fit it.
  Tokenizer(Vocabulary vocabulary, TokenizerSettings settings,
            std::vector<std::string> merges = {});

  /// Tokens without the special ones around a text. Those spelled out in it become their ids.
  /// Throws `DataError` with the byte offset when the text is not UTF-8.
  std::vector<TokenId> tokenize(std::string_view text) const;

  /// [CLS] text [SEP], cut to `max_length` tokens. Throws `DataError` as `tokenize`, and
  /// `ConfigError` when `max_length` has no room for the special tokens.
  Encoding encode(std::string_view text, std::size_t max_length = kNoLengthLimit) const;

  /// [CLS] first [SEP] second [SEP] (RoBERTa: two separators between them), cut to `max_length`
  /// tokens from the longer text first.
  Encoding encode_pair(std::string_view first, std::string_view second,
                       std::size_t max_length = kNoLengthLimit) const;

  /// [CLS] words [SEP], each word by itself.
  WordEncoding encode_words(std::span<const std::string> words,
                            std::size_t max_length = kNoLengthLimit) const;

  TokenId unknown_id() const { return unknown_id_; }
  TokenId separator_id() const { return separator_id_; }
  TokenId padding_id() const { return padding_id_; }
  TokenId class_id() const { return class_id_; }
  TokenId mask_id() const { return mask_id_; }
  bool is_special(TokenId id) const;

  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const TokenizerSettings& settings() const { return settings_; }

  /// Writes the files that `load` and Hugging Face read.
  void save(const std::filesystem::path& folder) const;

  /// Hexadecimal hash of everything that determines the ids.
  std::string fingerprint() const;

 private:
  struct SpecialToken {
    std::string text;
    TokenId id;
  };

  template <typename AppendPlain>
  void append_tokens(std::string_view text, const AppendPlain& append_plain,
                     std::vector<TokenId>& ids) const;
  Encoding surrounded(std::span<const TokenId> tokens, std::size_t max_length) const;
  TokenId special_id(const std::string& token) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  TokenizerSettings settings_;
  std::vector<std::string> merges_;
  TokenId unknown_id_;
  TokenId separator_id_;
  TokenId padding_id_;
  TokenId class_id_;
  TokenId mask_id_;
  std::shared_ptr<const SubwordModel> model_;
  std::vector<SpecialToken> special_tokens_;  // longest first
  std::string special_first_bytes_;
};

}  // namespace prumux::text

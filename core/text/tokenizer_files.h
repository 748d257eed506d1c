#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/tokenizer.h"
#include "core/text/vocabulary.h"

namespace prumux::text {

/// What a tokenizer may consist of, in a folder of any model.
inline constexpr std::array<std::string_view, 5> kTokenizerFiles = {
    "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json", "tokenizer.json"};

struct TokenizerFiles {
  Vocabulary vocabulary;
  TokenizerSettings settings;
  std::vector<std::string> merges = {};  ///< Of byte pairs: lines "left right".
};

/// A model folder's vocab.txt, or vocab.json and merges.txt, and tokenizer_config.json; what they
/// lack comes from tokenizer.json.
/// Throws `IoError`, or `DataError` naming the file and the key.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder);

void write_tokenizer_files(const std::filesystem::path& folder, const Vocabulary& vocabulary,
                           const TokenizerSettings& settings,
                           const std::vector<std::string>& merges);

}  // namespace prumux::text

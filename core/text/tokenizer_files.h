#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"
#include "core/text/vocabulary.h"

namespace prumux::text {

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

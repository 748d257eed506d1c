#pragma once

#include <filesystem>

#include "core/text/tokenizer.h"
#include "core/text/vocabulary.h"

namespace prumux::text {

struct TokenizerFiles {
  Vocabulary vocabulary;
  TokenizerSettings settings;
};

/// vocab.txt and tokenizer_config.json of a model folder; what they lack comes from tokenizer.json.
/// Throws `IoError`, or `DataError` naming the file and the key.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder);

void write_tokenizer_files(const std::filesystem::path& folder, const Vocabulary& vocabulary,
                           const TokenizerSettings& settings);

}  // namespace prumux::text

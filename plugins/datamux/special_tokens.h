#pragma once

#include <cstdint>
#include <optional>

#include "prumux/multiplexer.h"

namespace prumux::datamux {

/// Tokens of the prefix that tells the instances apart (spec sections 2 and 4.1).
struct PrefixTokens {
  std::int64_t filler;
  std::int64_t first_instance;  ///< Instance i has `first_instance` - i.
  std::int64_t classification;
};

/// Words that the reference's checkpoints were trained with: unused ones of BERT's vocabularies,
/// the last ones of RoBERTa's. Throws `ConfigError` when the model has no such words.
PrefixTokens prefix_tokens(const MultiplexerArguments& arguments);

/// The token that becomes the first of every row: BERT's classification token. ELECTRA's and
/// RoBERTa's rows begin with theirs as they are.
std::optional<std::int64_t> first_token(const MultiplexerArguments& arguments);

/// DataMUX's classification token for RoBERTa, where the vocabulary has it.
std::optional<std::int64_t> roberta_classification_token(const EncoderConfig& encoder);

/// Rows whose first token is `token`; without one, the rows as they are.
TokenRows with_first_token(const TokenRows& rows, std::optional<std::int64_t> token);

}  // namespace prumux::datamux

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/text/tokenizer.h"

namespace prumux::text {

inline constexpr std::int64_t kIgnoredLabel = -100;

/// BERT's masked language modelling: of the chosen tokens 80 % become [MASK], 10 % a random token,
/// and 10 % stay.
struct MaskingOptions {
  double probability = 0.15;  ///< Share of the tokens that are chosen.
  double mask_share = 0.8;
  double random_share = 0.1;
};

struct MaskedTokens {
  std::vector<TokenId> ids;
  std::vector<std::int64_t> labels;  ///< The token before masking, `kIgnoredLabel` elsewhere.
};

/// Masks one chunk. Special tokens are never chosen. The result is a function of the arguments
/// only, so that a resumed run sees the same masks.
MaskedTokens mask_tokens(std::span<const TokenId> ids, const Tokenizer& tokenizer,
                         const MaskingOptions& options, std::uint64_t seed, std::uint64_t epoch,
                         std::uint64_t index);

}  // namespace prumux::text

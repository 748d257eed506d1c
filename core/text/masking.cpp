#include "core/text/masking.h"

#include "core/text/random.h"

namespace prumux::text {

MaskedTokens mask_tokens(std::span<const TokenId> ids, const Tokenizer& tokenizer,
                         const MaskingOptions& options, std::uint64_t seed, std::uint64_t epoch,
                         std::uint64_t index) {
  constexpr std::uint64_t kStream = 0x6D61736B;  // apart from the order of the epoch's rows
  Random random(seed ^ kStream, epoch, index);
  MaskedTokens result;
  result.ids.assign(ids.begin(), ids.end());
  result.labels.assign(ids.size(), kIgnoredLabel);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (tokenizer.is_special(ids[i]) || random.uniform() >= options.probability) continue;
    result.labels[i] = ids[i];
    const double draw = random.uniform();
    if (draw < options.mask_share) {
      result.ids[i] = tokenizer.mask_id();
    } else if (draw < options.mask_share + options.random_share) {
      result.ids[i] = static_cast<TokenId>(random.below(tokenizer.vocabulary().size()));
    }
  }
  return result;
}

}  // namespace prumux::text

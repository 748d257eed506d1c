#include "core/text/masking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/text/support.h"

namespace prumux::text {
namespace {

/// 996 ordinary tokens after the five special ones.
Tokenizer large_tokenizer() {
  std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  while (tokens.size() < 1001)
    tokens.push_back(std::string("t").append(std::to_string(tokens.size())));
  return Tokenizer(Vocabulary(std::move(tokens)), {});
}

TEST(Masking, MasksFifteenPercentOfWhichEightyTenTen) {
  const Tokenizer tokenizer = large_tokenizer();
  const std::vector<TokenId> ids(1000, 500);
  int chosen = 0;
  int masked = 0;
  int kept = 0;
  constexpr int kChunks = 100;
  for (int index = 0; index < kChunks; ++index) {
    const MaskedTokens result = mask_tokens(ids, tokenizer, {}, 57, 0, index);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (result.labels[i] == kIgnoredLabel) {
        EXPECT_EQ(result.ids[i], 500);
        continue;
      }
      EXPECT_EQ(result.labels[i], 500);
      ++chosen;
      masked += result.ids[i] == tokenizer.mask_id() ? 1 : 0;
      kept += result.ids[i] == 500 ? 1 : 0;
    }
  }
  EXPECT_NEAR(chosen, 15'000, 450);  // 4 standard deviations
  EXPECT_NEAR(masked, 0.8 * chosen, 200);
  EXPECT_NEAR(kept, 0.1 * chosen, 150);
}

TEST(Masking, NeverMasksSpecialTokens) {
  const Tokenizer tokenizer = large_tokenizer();
  const std::vector<TokenId> ids{2, 1, 700, 4, 3, 0};
  const MaskedTokens result = mask_tokens(ids, tokenizer, {.probability = 1.0}, 1, 0, 0);
  EXPECT_THAT(result.labels, testing::ElementsAre(kIgnoredLabel, kIgnoredLabel, 700, kIgnoredLabel,
                                                  kIgnoredLabel, kIgnoredLabel));
}

TEST(Masking, DependsOnSeedEpochAndIndexOnly) {
  const Tokenizer tokenizer = large_tokenizer();
  const std::vector<TokenId> ids(200, 500);
  const auto labels = [&](std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
    return mask_tokens(ids, tokenizer, {}, seed, epoch, index).labels;
  };
  EXPECT_EQ(labels(1, 2, 3), labels(1, 2, 3));
  EXPECT_NE(labels(1, 2, 3), labels(2, 2, 3));
  EXPECT_NE(labels(1, 2, 3), labels(1, 3, 3));
  EXPECT_NE(labels(1, 2, 3), labels(1, 2, 4));
}

}  // namespace
}  // namespace prumux::text

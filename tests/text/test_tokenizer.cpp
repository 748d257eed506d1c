#include "core/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Tokenizer, TakesTheLongestPieceFirst) {
  const Tokenizer tokenizer(
      Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a"}),
      TokenizerSettings{});
  EXPECT_THAT(tokenizer.tokenize("unaffable"), ElementsAre(5, 6, 7));
}

TEST(Tokenizer, ReplacesAWordThatHasNoPiecesAsAWhole) {
  EXPECT_THAT(small_tokenizer().tokenize("a abx b"), ElementsAre(5, 1, 6));
}

TEST(Tokenizer, ReadsOneHundredCharactersButNotMore) {
  const std::string hundred = "a" + std::string(99, 'b');
  EXPECT_EQ(small_tokenizer().tokenize(hundred).size(), 100U);
  EXPECT_THAT(small_tokenizer().tokenize(hundred + "b"), ElementsAre(1));
}

TEST(Tokenizer, RecognisesSpecialTokensInsideText) {
  EXPECT_THAT(small_tokenizer().tokenize("a[MASK]b [SEP]"), ElementsAre(5, 4, 6, 3));
  EXPECT_THAT(small_tokenizer().tokenize("[mask]"), ElementsAre(1, 1, 1));
}

TEST(Tokenizer, MarksTheTokensOfTheSecondText) {
  const Encoding encoding = small_tokenizer().encode_pair("a", "b c");
  EXPECT_THAT(encoding.ids, ElementsAre(2, 5, 3, 6, 7, 3));
  EXPECT_THAT(encoding.type_ids, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(Tokenizer, EncodesEmptyText) {
  EXPECT_THAT(small_tokenizer().encode("").ids, ElementsAre(2, 3));
  EXPECT_THAT(small_tokenizer().encode_pair("", "").ids, ElementsAre(2, 3, 3));
}

TEST(Tokenizer, RefusesALengthWithoutRoomForSpecialTokens) {
  EXPECT_THAT(small_tokenizer().encode("a b", 2).ids, ElementsAre(2, 3));
  EXPECT_THAT(error_of<ConfigError>([] { small_tokenizer().encode("a", 1); }),
              HasSubstr("maximum length of 1 tokens has no room for the 2 special tokens"));
  EXPECT_THAT(error_of<ConfigError>([] { small_tokenizer().encode_pair("a", "b", 2); }),
              HasSubstr("3 special tokens"));
}

TEST(Tokenizer, NamesTheOffsetOfInvalidUtf8) {
  EXPECT_THAT(error_of<DataError>([] { small_tokenizer().tokenize("ab\xC3(d"); }),
              HasSubstr("not valid UTF-8 at byte offset 2 of the line (0xc3)"));
  for (const char* invalid : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"})
    EXPECT_THROW(small_tokenizer().tokenize(invalid), DataError);
}

TEST(Tokenizer, RefusesAVocabularyWithoutSpecialTokens) {
  EXPECT_THAT(error_of<DataError>([] {
                Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]"}), TokenizerSettings{});
              }),
              HasSubstr("the vocabulary lacks the special token '[MASK]'"));
}

TEST(Tokenizer, FingerprintChangesWithVocabularyAndSettings) {
  const std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"};
  std::vector<std::string> more = tokens;
  more.push_back("b");
  TokenizerSettings cased;
  cased.lower_case = false;
  const std::string base = Tokenizer(Vocabulary(tokens), {}).fingerprint();
  EXPECT_EQ(base, Tokenizer(Vocabulary(tokens), {}).fingerprint());
  EXPECT_NE(base, Tokenizer(Vocabulary(more), {}).fingerprint());
  EXPECT_NE(base, Tokenizer(Vocabulary(tokens), cased).fingerprint());
}

TEST(Vocabulary, LetsTheLaterOfTwoEqualTokensCount) {
  const Vocabulary vocabulary({"a", "b", "a"});
  EXPECT_EQ(vocabulary.find("a"), 2);
  EXPECT_EQ(vocabulary.find("c"), std::nullopt);
  EXPECT_EQ(vocabulary.token(1), "b");
  EXPECT_THROW(vocabulary.token(3), DataError);
  EXPECT_THROW(vocabulary.token(-1), DataError);
}

}  // namespace
}  // namespace prumux::text

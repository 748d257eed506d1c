#include "core/text/tokenizer_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nA\n\xC3\xA4\n";

std::string tokenizer_json(const std::string& normalizer, const std::string& type = "WordPiece") {
  return R"({"normalizer":)" + normalizer + R"(,"model":{"type":")" + type +
         R"(","vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5,"A":6}}})";
}

TEST(TokenizerFiles, AccentsFollowTheCaseUnlessTheConfigurationSaysOtherwise) {
  const TemporaryFolder folder;
  folder.write("vocab.txt", kVocabulary);
  folder.write("tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": null})");
  EXPECT_FALSE(read_tokenizer_files(folder.path()).settings.strip_accents);
  folder.write("tokenizer_config.json", R"({"do_lower_case": true, "strip_accents": false})");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  EXPECT_THAT(tokenizer.tokenize("A \xC3\x84"), ElementsAre(5, 7));
}

TEST(TokenizerFiles, LowersTheCaseWhenNothingIsSaid) {
  const TemporaryFolder folder;
  folder.write("vocab.txt", kVocabulary);
  EXPECT_TRUE(read_tokenizer_files(folder.path()).settings.lower_case);
}

TEST(TokenizerFiles, FallsBackToTokenizerJson) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", tokenizer_json(R"({"type":"BertNormalizer","lowercase":false,
      "strip_accents":null,"handle_chinese_chars":false})"));
  const TokenizerFiles files = read_tokenizer_files(folder.path());
  EXPECT_FALSE(files.settings.lower_case);
  EXPECT_FALSE(files.settings.strip_accents);
  EXPECT_FALSE(files.settings.split_chinese_characters);
  EXPECT_EQ(files.vocabulary.find("A"), 6);
}

TEST(TokenizerFiles, ReadsSpecialTokensAndIgnoresAnUnboundedLength) {
  const TemporaryFolder folder;
  folder.write("vocab.txt", "<pad>\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
  folder.write("tokenizer_config.json", R"({"do_lower_case": true, "model_max_length": 1e30,
      "pad_token": {"content": "<pad>", "special": true}})");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  EXPECT_EQ(tokenizer.padding_id(), 0);
  EXPECT_EQ(tokenizer.settings().max_length, kNoLengthLimit);
}

TEST(TokenizerFiles, SavedFilesGiveTheSameTokenizer) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = small_tokenizer();
  tokenizer.save(folder.path() / "model");
  EXPECT_EQ(Tokenizer::load(folder.path() / "model").fingerprint(), tokenizer.fingerprint());
}

TEST(TokenizerFiles, NamesWhatIsWrong) {
  const TemporaryFolder folder;
  const auto message = [&] {
    return error_of<Error>([&] { read_tokenizer_files(folder.path()); });
  };
  EXPECT_THAT(message(), HasSubstr("has neither vocab.txt nor vocab.json nor tokenizer.json"));
  folder.write("tokenizer.json", tokenizer_json("null"));
  EXPECT_THAT(message(), HasSubstr("tokenizer.json: 'normalizer' is null, expected a "
                                   "BertNormalizer"));
  folder.write("tokenizer.json", tokenizer_json(R"({"type":"BertNormalizer"})", "Unigram"));
  EXPECT_THAT(message(), HasSubstr(R"('model.type' is "Unigram", expected "WordPiece" or "BPE")"));
  folder.write("tokenizer.json", "{");
  EXPECT_THAT(message(), HasSubstr("tokenizer.json: not valid JSON"));
  folder.write("vocab.txt", "");
  folder.write("tokenizer_config.json", R"({"do_lower_case": "yes"})");
  EXPECT_THAT(message(), HasSubstr(R"('do_lower_case' is "yes", expected true or false)"));
  folder.write("tokenizer_config.json", R"({"do_lower_case": true})");
  EXPECT_THAT(message(), HasSubstr("vocab.txt: the vocabulary is empty"));
  folder.write("vocab.txt", "a\nb\xFF\n");
  EXPECT_THAT(message(), HasSubstr("vocab.txt:2: not valid UTF-8 at byte offset 1"));
}

}  // namespace
}  // namespace prumux::text

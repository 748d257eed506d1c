// Against Hugging Face's tokenizers; the files are made by
// tests/data/tokenizer/make_byte_pair_reference.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/utf.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/text/byte_pair_splitter.h"
#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<json> read_lines(const std::string& name) {
  std::ifstream stream(tokenizer_data() / name);
  std::vector<json> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(json::parse(line));
  return rows;
}

Tokenizer with_prefix_space() {
  const TemporaryFolder folder;
  for (const char* name : {"vocab.json", "merges.txt"})
    std::filesystem::copy(tokenizer_data() / "byte_pairs" / name, folder.path() / name);
  folder.write("tokenizer_config.json", R"({"add_prefix_space": true})");
  return Tokenizer::load(folder.path());
}

TEST(BytePairReference, IdsEqualThoseOfHuggingFace) {
  const Tokenizer plain = Tokenizer::load(tokenizer_data() / "byte_pairs");
  const Tokenizer prefixed = with_prefix_space();
  const std::vector<json> rows = read_lines("byte_pairs.jsonl");
  ASSERT_GE(rows.size(), 1900U);
  for (const json& row : rows) {
    const auto text = row.at("text").get<std::string>();
    EXPECT_EQ(plain.encode(text).ids, row.at("ids").get<std::vector<TokenId>>())
        << row.at("text").dump(-1, ' ', true);
    EXPECT_EQ(prefixed.encode(text).ids, row.at("prefixed").get<std::vector<TokenId>>())
        << row.at("text").dump(-1, ' ', true);
  }
}

TEST(BytePairReference, TruncatedPairsEqualThoseOfHuggingFace) {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_data() / "byte_pairs");
  const std::vector<json> rows = read_lines("byte_pair_pairs.jsonl");
  ASSERT_GE(rows.size(), 200U);
  for (const json& row : rows) {
    const Encoding pair = tokenizer.encode_pair(row.at("first").get<std::string>(),
                                                row.at("second").get<std::string>(),
                                                row.at("max_length").get<std::size_t>());
    EXPECT_EQ(pair.ids, row.at("ids").get<std::vector<TokenId>>()) << row.dump(-1, ' ', true);
    EXPECT_THAT(pair.type_ids, testing::Each(0)) << "RoBERTa has one type";
  }
}

TEST(WordReference, FirstTokensOfWordsEqualThoseOfHuggingFace) {
  const Tokenizer byte_pairs = with_prefix_space();
  const Tokenizer word_piece = Tokenizer::load(tokenizer_data() / "uncased");
  const std::vector<json> rows = read_lines("words.jsonl");
  ASSERT_GE(rows.size(), 200U);
  for (const json& row : rows) {
    const Tokenizer& tokenizer = row.at("tokenizer") == "byte_pairs" ? byte_pairs : word_piece;
    const auto words = row.at("words").get<std::vector<std::string>>();
    const WordEncoding encoded =
        tokenizer.encode_words(words, row.at("max_length").get<std::size_t>());
    const std::string shown = row.dump(-1, ' ', true);
    EXPECT_EQ(encoded.encoding.ids, row.at("ids").get<std::vector<TokenId>>()) << shown;
    EXPECT_EQ(encoded.first_tokens, row.at("first_tokens").get<std::vector<std::size_t>>())
        << shown;
  }
}

TEST(BytePairReference, ClassesOfAllCodePointsEqualThoseOfHuggingFace) {
  std::ifstream stream(tokenizer_data() / "byte_pair_characters.json");
  const json reference = json::parse(stream);
  const auto ranges_of = [](CharacterClass wanted) {
    std::vector<std::pair<int, int>> ranges;
    for (int code = 0; code < 0x110000; ++code) {
      if (U_IS_SURROGATE(code) || class_of(code) != wanted) continue;
      if (!ranges.empty() && ranges.back().second == code - 1) {
        ranges.back().second = code;
      } else {
        ranges.emplace_back(code, code);
      }
    }
    return ranges;
  };
  const auto expect = [&](const char* name, CharacterClass wanted) {
    EXPECT_EQ(ranges_of(wanted), (reference.at(name).get<std::vector<std::pair<int, int>>>()))
        << name;
  };
  expect("letter", CharacterClass::letter);
  expect("number", CharacterClass::number);
  expect("space", CharacterClass::space);
}

/// Ids: <s> 0, </s> 1, <unk> 2, <pad> 3, <mask> 4, a 5, b 6, Ġ (a space) 7, ab 8, Ġab 9.
const std::vector<std::string> kTokens = {"<s>",
                                          "</s>",
                                          "<unk>",
                                          "<pad>",
                                          "<mask>",
                                          "a",
                                          "b",
                                          "\xC4\xA0",
                                          "ab",
                                          "\xC4\xA0"
                                          "ab"};

Tokenizer small(const std::vector<std::string>& merges) {
  return Tokenizer(Vocabulary(kTokens), TokenizerSettings::of_byte_pairs(), merges);
}

TEST(BytePairs, MergeInTheOrderOfTheTable) {
  const Tokenizer tokenizer = small({"a b", "\xC4\xA0 ab"});
  EXPECT_THAT(tokenizer.tokenize("abab ab"), ElementsAre(8, 8, 9));
  EXPECT_THAT(tokenizer.tokenize("ba"), ElementsAre(6, 5));
}

TEST(BytePairs, LeaveOutBytesThatTheVocabularyLacks) {
  EXPECT_THAT(small({}).tokenize("axb"), ElementsAre(5, 6));
}

TEST(BytePairs, AMaskTakesTheSpaceBeforeIt) {
  EXPECT_THAT(small({}).tokenize("a  <mask> b"), ElementsAre(5, 4, 7, 6));
}

TEST(BytePairs, NameAMergeThatMakesNoToken) {
  EXPECT_EQ(error_of<DataError>([] {
              small({"a b", "b a"});
            }),
            "merge 2 is 'b a', expected two tokens of the vocabulary that make a third");
}

TEST(BytePairs, TakeLongWordsInLittleTime) {
  const std::string word(200'000, 'a');
  EXPECT_EQ(small({}).tokenize(word).size(), word.size());
}

TEST(BytePairFiles, SavedFilesGiveTheSameTokenizer) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_data() / "byte_pairs");
  tokenizer.save(folder.path() / "model");
  const Tokenizer loaded = Tokenizer::load(folder.path() / "model");
  EXPECT_EQ(loaded.fingerprint(), tokenizer.fingerprint());
  EXPECT_NE(with_prefix_space().fingerprint(), tokenizer.fingerprint());
}

TEST(BytePairFiles, MayBeOneTokenizerJson) {
  const TemporaryFolder folder;
  for (const char* merges : {R"(["a b"])", R"([["a", "b"]])"}) {
    folder.write("tokenizer.json",
                 std::string(R"({"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},
        "model":{"type":"BPE","vocab":{"<s>":0,"</s>":1,"<unk>":2,"<pad>":3,"<mask>":4,"a":5,
        "b":6,"\u0120":7,"ab":8},"merges":)") +
                     merges + "}}");
    EXPECT_THAT(Tokenizer::load(folder.path()).tokenize("ab"), ElementsAre(7, 8)) << merges;
  }
  folder.write("tokenizer.json", R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}})");
  EXPECT_THAT(
      error_of<DataError>([&] { Tokenizer::load(folder.path()); }),
      HasSubstr(R"('model.merges' is ["a"], expected a list of merges, each of two tokens)"));
}

TEST(BytePairFiles, AreNamedWhenOneIsMissing) {
  const TemporaryFolder folder;
  folder.write("vocab.json", R"({"<s>": 0})");
  EXPECT_THAT(error_of<IoError>([&] { Tokenizer::load(folder.path()); }), HasSubstr("merges.txt"));
  folder.write("vocab.json", R"({"<s>": 1})");
  EXPECT_THAT(error_of<DataError>([&] { Tokenizer::load(folder.path()); }),
              HasSubstr("vocab.json: 'vocab.json' is 1, expected ids 0 to 0, each once"));
}

}  // namespace
}  // namespace prumux::text

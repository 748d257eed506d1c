// Against Hugging Face's tokenizers; the files are made by tests/data/tokenizer/make_reference.py.
#include <gtest/gtest.h>

#include <unicode/utf8.h>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/text/characters.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using nlohmann::json;

std::vector<json> read_lines(const std::string& name) {
  std::ifstream stream(tokenizer_data() / name);
  std::vector<json> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(json::parse(line));
  return rows;
}

void expect_reference_ids(const std::string& name) {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_data() / name);
  const std::vector<json> rows = read_lines(name + ".jsonl");
  ASSERT_GE(rows.size(), 1500U);
  for (const json& row : rows) {
    const auto text = row.at("text").get<std::string>();
    EXPECT_EQ(tokenizer.encode(text).ids, row.at("ids").get<std::vector<TokenId>>())
        << row.at("text").dump(-1, ' ', true);
  }
}

TEST(TokenizerReference, UncasedIdsEqualThoseOfHuggingFace) { expect_reference_ids("uncased"); }

TEST(TokenizerReference, CasedIdsEqualThoseOfHuggingFace) { expect_reference_ids("cased"); }

TEST(TokenizerReference, TruncatedPairsEqualThoseOfHuggingFace) {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_data() / "uncased");
  const std::vector<json> rows = read_lines("pairs.jsonl");
  ASSERT_GE(rows.size(), 300U);
  for (const json& row : rows) {
    const auto first = row.at("first").get<std::string>();
    const auto second = row.at("second").get<std::string>();
    const auto max_length = row.at("max_length").get<std::size_t>();
    const Encoding pair = tokenizer.encode_pair(first, second, max_length);
    const std::string shown = row.dump(-1, ' ', true);
    EXPECT_EQ(pair.ids, row.at("ids").get<std::vector<TokenId>>()) << shown;
    EXPECT_EQ(pair.type_ids, row.at("type_ids").get<std::vector<std::uint8_t>>()) << shown;
    EXPECT_EQ(tokenizer.encode(first, max_length).ids,
              row.at("first_ids").get<std::vector<TokenId>>())
        << shown;
  }
}

std::vector<std::pair<int, int>> ranges_of(bool (*is_member)(UChar32)) {
  std::vector<std::pair<int, int>> ranges;
  for (int code = 0; code < 0x110000; ++code) {
    if (U_IS_SURROGATE(code) || !is_member(code)) continue;
    if (!ranges.empty() && ranges.back().second == code - 1) {
      ranges.back().second = code;
    } else {
      ranges.emplace_back(code, code);
    }
  }
  return ranges;
}

TEST(TokenizerReference, ClassesOfAllCodePointsEqualThoseOfHuggingFace) {
  std::ifstream stream(tokenizer_data() / "characters.json");
  const json reference = json::parse(stream);
  const auto expect = [&](const char* name, bool (*is_member)(UChar32)) {
    SCOPED_TRACE(name);
    EXPECT_EQ(ranges_of(is_member), (reference.at(name).get<std::vector<std::pair<int, int>>>()));
  };
  expect("removed", is_removed);
  expect("space", [](UChar32 code) { return !is_removed(code) && is_space(code); });
  expect("punctuation", is_punctuation);
  expect("chinese", is_chinese);
  expect("accent", is_accent);
}

}  // namespace
}  // namespace prumux::text

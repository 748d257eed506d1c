#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

using testing::HasSubstr;

/// Runs `prumux tokenize` on the uncased test vocabulary.
Outcome tokenize(const std::string& arguments, const std::string& input) {
  const TemporaryFolder folder;
  return run_line("tokenize " PRUMUX_TEST_DATA "/tokenizer/uncased " + arguments, folder.path(),
                  input);
}

TEST(TokenizeCommand, PrintsTheReferenceIdsOfALine) {
  std::ifstream reference(PRUMUX_TEST_DATA "/tokenizer/uncased.jsonl");
  std::string input;
  std::string expected;
  std::string line;
  for (int i = 0; i < 100 && std::getline(reference, line); ++i) {
    const auto row = nlohmann::json::parse(line);
    input += row.at("text").get<std::string>() + '\n';
    expected += row.at("ids").dump() + '\n';
  }
  const Outcome outcome = tokenize("", input);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, expected);
}

TEST(TokenizeCommand, CutsPairsAtTheMaximumLength) {
  const Outcome outcome = tokenize("--pair --max-length 6", "dog dog dog\tcat\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "[101,3899,3899,102,4937,102]\n");
}

TEST(TokenizeCommand, NamesLineAndOffsetOfBadInput) {
  Outcome outcome = tokenize("", "a\nab\xFF\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("error: <stdin>:2: not valid UTF-8 at byte offset 2"));
  outcome = tokenize("--pair", "a\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("<stdin>:1: 1 tab-separated texts, expected 2"));
}

TEST(TokenizeCommand, RefusesWrongUsage) {
  EXPECT_EQ(tokenize("--max-length 1", "").exit_code, 2);
  EXPECT_EQ(tokenize("--max-length -5", "").exit_code, 2);
  EXPECT_EQ(tokenize("--unknown", "").exit_code, 2);
}

}  // namespace
}  // namespace prumux::test

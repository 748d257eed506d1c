#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using testing::HasSubstr;

struct Outcome {
  int code;
  std::string output;  // stdout and stderr
};

/// Runs `prumux tokenize` on the uncased test vocabulary.
Outcome tokenize(const std::string& arguments, const std::string& input) {
  const auto file = std::filesystem::temp_directory_path() /
                    std::string("prumux-tokenize-").append(std::to_string(getpid()));
  std::ofstream(file, std::ios::binary) << input;
  const std::string command = std::string(PRUMUX_BUILD_DIR) + "/bin/prumux tokenize " +
                              PRUMUX_TEST_DATA + "/tokenizer/uncased " + arguments + " <" +
                              file.string() + " 2>&1";
  Outcome outcome{};
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe))
    outcome.output.append(block.data(), count);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::filesystem::remove(file);
  return outcome;
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
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.output, expected);
}

TEST(TokenizeCommand, CutsPairsAtTheMaximumLength) {
  const Outcome outcome = tokenize("--pair --max-length 6", "dog dog dog\tcat\n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.output, "[101,3899,3899,102,4937,102]\n");
}

TEST(TokenizeCommand, NamesLineAndOffsetOfBadInput) {
  Outcome outcome = tokenize("", "a\nab\xFF\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("error: <stdin>:2: not valid UTF-8 at byte offset 2"));
  outcome = tokenize("--pair", "a\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("<stdin>:1: 1 tab-separated texts, expected 2"));
}

TEST(TokenizeCommand, RefusesWrongUsage) {
  EXPECT_EQ(tokenize("--max-length 1", "").code, 2);
  EXPECT_EQ(tokenize("--max-length -5", "").code, 2);
  EXPECT_EQ(tokenize("--unknown", "").code, 2);
}

}  // namespace

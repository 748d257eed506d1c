#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/io/atomic_file.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// A golden model of 40 positions and 688 words, with the words.
class ModelCommands : public testing::Test {
 protected:
  fs::path model(const std::string& golden_case) const {
    const fs::path data = PRUMUX_TEST_DATA;
    const fs::path folder = folder_.path() / golden_case;
    if (fs::exists(folder)) return folder;
    fs::create_directory(folder);
    for (const char* file : {"config.json", "model.safetensors"}) {
      fs::copy_file(data / "golden" / golden_case / "model" / file, folder / file);
    }
    std::ifstream all(data / "tokenizer" / "uncased" / "vocab.txt");
    std::ofstream some(folder / "vocab.txt");
    std::string word;
    for (int count = 0; count < 688 && std::getline(all, word); ++count) some << word << '\n';
    return folder;
  }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }

  Outcome prumux(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path());
  }

  /// Not a number in one weight of the first layer.
  static void damage_weights(const fs::path& model) {
    const fs::path file = model / "model.safetensors";
    std::string bytes = io::read_file(file);
    std::uint64_t header_length = 0;
    bytes.copy(reinterpret_cast<char*>(&header_length), sizeof header_length);
    const json header = json::parse(bytes.substr(sizeof header_length, header_length));
    const std::size_t start =
        header.at("bert.encoder.layer.0.attention.self.query.weight").at("data_offsets")[0];
    bytes.replace(sizeof header_length + header_length + start, 4, "\xff\xff\xff\x7f", 4);
    std::ofstream(file, std::ios::binary) << bytes;
  }

  TemporaryFolder folder_;
};

TEST_F(ModelCommands, BenchTakesTheLengthThatTheModelHas) {
  const Outcome outcome =
      prumux({"bench", model("seq_gh_indexpos_n2").string(), "--rounds", "1", "--groups", "1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(json::parse(outcome.output).at("length"), 40);
}

TEST_F(ModelCommands, TheMultiplexersPrefixTakesPositionsToo) {
  // A prefix of N + 1 = 3 tokens (spec section 4) leaves 37 of 40 positions.
  const std::string folder = model("seq_gh_index_n2").string();
  const Outcome outcome = prumux({"bench", folder, "--rounds", "1", "--groups", "1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(json::parse(outcome.output).at("length"), 37);
  const Outcome refused = prumux({"bench", folder, "--length", "38"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--length 38 is more than the 37 tokens"));
}

TEST_F(ModelCommands, BenchReadsLengthsWithEitherKindOfLineEnd) {
  const std::string lengths = write("lengths.txt", "5\r\n9\r\n").string();
  const Outcome outcome = prumux({"bench", model("seq_gh_indexpos_n2").string(), "--rounds", "1",
                                  "--groups", "1", "--lengths", lengths});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(json::parse(outcome.output).at("length"), 7);
}

TEST_F(ModelCommands, BenchRefusesLengthsThatTheModelHasNoPositionsFor) {
  const std::string lengths = write("lengths.txt", "5\n41\n").string();
  const Outcome outcome =
      prumux({"bench", model("seq_gh_indexpos_n2").string(), "--lengths", lengths});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("lengths.txt:2: length '41' - expected a number of tokens, "
                                        "from 2 to the 40 that the model takes"));
}

TEST_F(ModelCommands, InferClassifiesEveryRowOfAnIncompleteGroup) {
  const std::string input = write("input.txt", "a b\r\nc\r\n\r\n").string();
  const Outcome outcome = prumux({"infer", model("seq_gh_indexpos_n2").string(), "--input", input});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  std::istringstream lines(outcome.output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json result = json::parse(line);
    EXPECT_EQ(result.at("scores").size(), 3U);
    EXPECT_TRUE(result.at("scores").contains(result.at("label").get<std::string>()));
  }
  EXPECT_EQ(count, 3);
}

TEST_F(ModelCommands, InferRefusesRowsLongerThanTheModel) {
  const Outcome outcome =
      prumux({"infer", model("seq_gh_indexpos_n2").string(), "--max-length", "41"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--max-length 41 is more than the 40 tokens"));
}

TEST_F(ModelCommands, InferLeavesItsInputAsItIs) {
  const fs::path input = write("input.txt", "a b\n");
  const Outcome outcome = prumux({"infer", model("seq_gh_indexpos_n2").string(), "--input",
                                  input.string(), "--output", input.string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("is the --input; name another file"));
  EXPECT_EQ(io::read_file(input), "a b\n");
}

TEST_F(ModelCommands, InferLooksAtThePlaceOfItsResultsBeforeItReadsTexts) {
  write("file.txt", "a b\n");
  for (const char* output : {".", "", "file.txt/results.jsonl"}) {
    const Outcome outcome = prumux({"infer", model("seq_gh_indexpos_n2").string(), "--input",
                                    "missing.txt", "--output", output});
    EXPECT_EQ(outcome.exit_code, 2) << output;
    EXPECT_THAT(outcome.errors, HasSubstr("--output '" + std::string(output) + "' "));
  }
}

TEST_F(ModelCommands, InferRefusesAFolderOfTexts) {
  const Outcome outcome = prumux({"infer", model("seq_gh_indexpos_n2").string(), "--input", "."});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("'.' is a folder, expected a file"));
}

TEST_F(ModelCommands, ReadPairsWhereTheModelWasFinetunedForPairs) {
  const fs::path folder = model("seq_gh_indexpos_n2");
  json config = json::parse(io::read_file(folder / "config.json"));
  config["finetuning_task"] = "pair_classification";
  std::ofstream(folder / "config.json") << config;
  const std::string input = write("input.txt", "a\tb\n").string();
  const Outcome pairs = prumux({"infer", folder.string(), "--input", input});
  ASSERT_EQ(pairs.exit_code, 0) << pairs.errors;
  EXPECT_EQ(pairs.output, prumux({"infer", folder.string(), "--pair", "--input", input}).output);
  const std::string data = write("data.tsv", "a\tb\t0\nb\tc\t1\n").string();
  const Outcome scores = prumux({"evaluate", folder.string(), "--data", data});
  ASSERT_EQ(scores.exit_code, 0) << scores.errors;
  EXPECT_EQ(json::parse(scores.output).at("task"), "pair_classification");
}

TEST_F(ModelCommands, SayWhatTheModelWasFinetunedForWhereTheOptionsDoNotFit) {
  const fs::path folder = model("seq_gh_indexpos_n2");
  const std::string data = write("data.tsv", "a\t0\nb\t1\n").string();
  const Outcome unknown = prumux({"evaluate", folder.string(), "--data", data});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("does not say what task it was finetuned for; name one"));
  json config = json::parse(io::read_file(folder / "config.json"));
  config["finetuning_task"] = "sst2";
  std::ofstream(folder / "config.json") << config;
  const std::string pairs = write("input.txt", "a\tb\n").string();
  const Outcome pair = prumux({"infer", folder.string(), "--pair", "--input", pairs});
  EXPECT_EQ(pair.exit_code, 0);
  EXPECT_THAT(pair.errors, HasSubstr("finetuned for sst2, which is about single texts"));
  config["finetuning_task"] = "SST-2";
  std::ofstream(folder / "config.json") << config;
  const Outcome foreign = prumux({"evaluate", folder.string(), "--data", data});
  EXPECT_EQ(foreign.exit_code, 2);
  EXPECT_THAT(foreign.errors, HasSubstr("finetuned for 'SST-2', which is no task of prumux"));
}

TEST_F(ModelCommands, EvaluateCutsRowsToTheModelsPositions) {
  std::string words;
  for (int count = 0; count < 60; ++count) words += "a ";
  const std::string data = write("data.tsv", "sentence\tlabel\n" + words + "\t0\nb\t1\n").string();
  const Outcome outcome = prumux({"evaluate", model("seq_gh_indexpos_n2").string(), "--task",
                                  "classification", "--data", data});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(json::parse(outcome.output).at("examples"), 2);
  EXPECT_EQ(json::parse(outcome.output).at("groupings"), 5);
}

TEST_F(ModelCommands, OutputsThatAreNoNumbersAreAnError) {
  const fs::path folder = model("seq_gh_indexpos_n2");
  damage_weights(folder);
  const std::string input = write("input.txt", "a b\n").string();
  const Outcome outcome = prumux({"infer", folder.string(), "--input", input});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("1 of 1 rows"), HasSubstr("no finite numbers")));
}

TEST_F(ModelCommands, ForwardReadsTensorsFromRegularFilesOnly) {
  const Outcome outcome = prumux({"forward", model("seq_gh_indexpos_n2").string(), "--inputs",
                                  "/dev/null", "--outputs", write("out", "").string()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("/dev/null"), HasSubstr("no regular file")));
}

TEST_F(ModelCommands, AMultiplexedModelWithoutItsMethodSaysWhereMethodsAreLookedFor) {
  const fs::path folder = model("seq_gh_indexpos_n2");
  json config = json::parse(io::read_file(folder / "config.json"));
  config["muxing_variant"] = "nobodys";
  std::ofstream(folder / "config.json") << config;
  const Outcome outcome = prumux({"bench", folder.string()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr(folder.string()), HasSubstr("multiplexed model"),
                                    HasSubstr("available: datamux"), HasSubstr("searched: "),
                                    HasSubstr("--plugin-path")));
}

}  // namespace
}  // namespace prumux::test

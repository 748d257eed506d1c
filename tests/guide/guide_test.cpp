#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/io/atomic_file.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

// What docs/plugin-guide.md claims, with the code that it shows.

namespace prumux::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kSample = std::string(PRUMUX_SOURCE_DIR) + "/configs/sample";

class Guide : public testing::Test {
 protected:
  Outcome prumux(const std::vector<std::string>& arguments) {
    return run_program(arguments, folder_.path());
  }

  Outcome run(const std::string& pipeline) {
    std::ofstream(folder_.path() / "p.yaml") << pipeline;
    return prumux({"run", folder_.path() / "p.yaml", "--plugin-path", PRUMUX_GUIDE_PLUGINS, "--out",
                   folder_.path() / "run"});
  }

  TemporaryFolder folder_;
};

/// Every `word` of `text` replaced.
std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    text.replace(at, word.size(), by);
  }
  return text;
}

TEST_F(Guide, ItsPluginsPassTheConformanceSuite) {
  for (const char* name : {"/libfisher.so", "/libextras.so"}) {
    const Outcome outcome = prumux({"plugins", "check", std::string(PRUMUX_GUIDE_PLUGINS) + name});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output << outcome.errors;
  }
}

TEST_F(Guide, ItsMethodTakesFewerThan150Lines) {
  std::size_t lines = 0;
  for (const char* name : {"fisher.h", "fisher.cpp", "plugin.cpp", "fisher_test.cpp"}) {
    const std::string text = io::read_file(std::string(PRUMUX_GUIDE_CODE) + "/" + name);
    lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  EXPECT_LT(lines, 150u);
}

TEST_F(Guide, ItsMethodBeatsMagnitudePruning) {
  const std::string pipeline =
      replaced(io::read_file(std::string(PRUMUX_GUIDE_CODE) + "/compare.yaml"), "SAMPLE", kSample);
  const Outcome outcome = run(pipeline);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  std::map<std::string, double> accuracy;
  const json summary = json::parse(outcome.output);
  for (const auto& cell : summary["cells"]) {
    accuracy[cell["variables"]["method"]] = cell["accuracy"];
  }
  EXPECT_GT(accuracy.at("fisher"), accuracy.at("magnitude"));
}

/// Two short trainings, and a stage and a metric of the guide's second library.
std::string pipeline_with(const std::string& data, const std::string& average,
                          const std::string& metric) {
  return "name: extras\nseed: 3\ndata: {task: sst2, root: '" + kSample + "', train: dev.tsv, " +
         data +
         "max_length: 16}\n"
         "model:\n  vocabulary: '" +
         kSample +
         "/vocab.txt'\n"
         "  config: {hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2,\n"
         "           intermediate_size: 8, max_position_embeddings: 16}\n"
         "stages:\n"
         "  - {stage: finetune, id: first, steps: 4}\n"
         "  - {stage: finetune, id: second, steps: 4}\n"
         "  - {stage: average, " +
         average +
         "}\n"
         "  - {stage: evaluate, metrics: [" +
         metric + "]}\n";
}

TEST_F(Guide, ItsStageAndMetricWorkInAPipeline) {
  const std::string text =
      pipeline_with("", "teacher: first, weight: 0.5", "{method: calibration_error}");
  const Outcome outcome = run(text);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("[average] averaged "));
  const double error =
      json::parse(outcome.output)["cells"][0]["stages"]["evaluate"]["scores"]["calibration_error"];
  EXPECT_GT(error, 0.0);
  EXPECT_LT(error, 1.0);
  EXPECT_THAT(run(text).errors, HasSubstr("[average] reused"));
}

TEST_F(Guide, ItsHeadIsTrainedPrunedAndUsed) {
  const std::string text =
      "name: head\nseed: 3\ndata: {task: sst2, root: '" + kSample +
      "', max_length: 24}\n"
      "model:\n  vocabulary: '" +
      kSample +
      "/vocab.txt'\n"
      "  config: {hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2,\n"
      "           intermediate_size: 32, max_position_embeddings: 24}\n"
      "multiplexer: {method: datamux, params: {demuxing_variant: mlp}}\n"
      "grid: {instances: {set: multiplexer.instances, values: [1, 2]}}\n"
      "stages:\n"
      "  - {stage: finetune, id: dense, steps: 120, learning_rate: 3e-3, head: {method: mean}}\n"
      "  - {stage: prune, teacher: dense, steps: 30, learning_rate: 1e-3,\n"
      "     compressor: {method: magnitude, params: {target_sparsity: 0.5}}}\n"
      "  - {stage: evaluate}\n"
      "  - {stage: benchmark, rounds: 1, minimum_seconds: 0, length: 8}\n";
  const Outcome outcome = run(text);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const json cells = json::parse(outcome.output)["cells"];
  EXPECT_GT(cells[0]["accuracy"], 0.7);
  EXPECT_GT(cells[1]["accuracy"], 0.55);
  const Outcome wrong =
      run(replaced(text, "head: {method: mean}", "head: {method: mean, params: {dropout: 2}}"));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("stages.dense.head.params.dropout '2' - expected"));
}

TEST_F(Guide, MistakesInTheSettingsOfPluginsHaveTheirPlace) {
  const Outcome outcome = run(pipeline_with("", "teacher: first, wieght: 0.5",
                                            "{method: calibration_error, params: {bins: "
                                            "0}}"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors,
              HasSubstr("p.yaml:11:38: unknown key 'wieght' in 'stages.average' - did you mean "
                        "'weight'?"));
  EXPECT_THAT(outcome.errors, HasSubstr("p.yaml:12:76: stages.evaluate.metrics.0.params.bins '0' "
                                        "- expected an integer from 1 to 1000"));
}

TEST_F(Guide, AStageThatNeedsATeacherSaysSo) {
  const Outcome outcome = run(pipeline_with("", "weight: 0.5", ""));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("stages.average: the stage 'average' learns from a teacher "
                                        "- expected 'teacher: ID' of an earlier stage"));
}

TEST_F(Guide, ItsReaderReadsTheDataOfAPipeline) {
  // The rows of the sample's TSV (text, label; with a header) in the reader's format.
  std::istringstream table(io::read_file(kSample + "/dev.tsv"));
  std::ofstream lines(folder_.path() / "rows.txt");
  std::string row;
  std::getline(table, row);
  while (std::getline(table, row)) {
    const std::size_t tab = row.find('\t');
    lines << row.substr(tab + 1) << "::" << row.substr(0, tab) << "\n";
  }
  lines.close();
  const std::string rows = (folder_.path() / "rows.txt").string();
  const std::string reader = "reader: {method: label_first, params: {separator: '::'}}, ";
  std::string text = pipeline_with(reader, "teacher: first", "");
  text = replaced(text, "train: dev.tsv, ", "train: '" + rows + "', dev: '" + rows + "', ");
  text = replaced(text, "root: '" + kSample + "', ", "");
  const Outcome outcome = run(text);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  std::ofstream(folder_.path() / "rows.txt", std::ios::app) << "no separator\n";
  const Outcome broken = run(text);
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.errors, testing::ContainsRegex("dataset reader 'label_first' \\(plugin extras "
                                                    "0.1.0, .*\\) failed in read: .*rows.txt:601: "
                                                    "no '::'"));
}

}  // namespace
}  // namespace prumux::test

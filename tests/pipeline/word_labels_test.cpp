#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "core/pipeline/engine.h"
#include "core/pipeline/stages/catalogue.h"
#include "core/text/random.h"
#include "prumux/error.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace prumux::pipeline {
namespace {

using testing::HasSubstr;

constexpr const char* kPipeline = R"(
name: words
seed: 5
threads: 1
data: {task: ner, root: ., train: train.conll, dev: dev.conll, max_length: 24}
model:
  vocabulary: vocab.txt
  config: {hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 64,
           max_position_embeddings: 32, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0}
multiplexer: {method: datamux, params: {gaussian_hadamard_norm: 5.7}}
grid:
  instances: {set: multiplexer.instances, values: [1, 2]}
stages:
  - {stage: finetune, id: dense, steps: 300, groups: 16, learning_rate: 3e-3, evaluate_every: 75}
  - stage: prune
    teacher: dense
    steps: 20
    groups: 8
    learning_rate: 1e-3
    keep_best: false
    compressor:
      method: cofi
      params: {target_sparsity: 0.3, warmup_steps: 5, learning_rate: 1, sparsity_epsilon: 0.3}
  - {stage: evaluate}
)";

/// "p" and the words behind it that begin with "x" are a person; the rest is nothing.
std::string sentences(std::size_t count, std::uint64_t seed) {
  const std::vector<std::string> words = {"a", "b", "xa", "xb", "c"};
  text::Random random(seed);
  std::string content;
  for (std::size_t sentence = 0; sentence < count; ++sentence) {
    bool inside = false;
    for (std::size_t word = 2 + random.below(6); word > 0; --word) {
      if (random.below(4) == 0) {
        content += "p\tB-person\n";
        inside = true;
      } else {
        const std::string& text = words[random.below(words.size())];
        inside = inside && text.front() == 'x';
        content += text + (inside ? "\tI-person\n" : "\tO\n");
      }
    }
    content += '\n';
  }
  return content;
}

class WordLabels : public testing::Test {
 protected:
  WordLabels() {
    ::setenv("PRUMUX_CACHE", (folder_.path() / "cache").c_str(), 1);
    folder_.write("pipeline.yaml", kPipeline);
    folder_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nx\n##a\n##b\np\n");
    folder_.write("labels.txt", "O\nB-person\nI-person\n");
    folder_.write("train.conll", sentences(400, 1));
    folder_.write("dev.conll", sentences(60, 2));
  }
  Summary run(const std::vector<std::string>& overrides = {}) const {
    const auto table = make_stage_table();
    return pipeline::run(
        make_plan(load_definition(folder_.path() / "pipeline.yaml", overrides, *table), *table),
        RunFolder(folder_.path() / "run"), {});
  }

  test::TemporaryFolder folder_;
};

TEST_F(WordLabels, AreLearntPrunedScoredAndInferred) {
  const Summary summary = run();
  ASSERT_EQ(summary.cells.size(), 2U);
  for (const CellSummary& cell : summary.cells) {
    const nlohmann::json& dense = cell.stages.front().numbers;
    EXPECT_GT(dense.at("accuracy").get<double>(), cell.instances == 1 ? 0.85 : 0.5)
        << cell.instances << " instances";
    EXPECT_TRUE(dense.at("scores").contains("precision"));
    ASSERT_TRUE(cell.number("accuracy"));
    EXPECT_GE(*cell.number("accuracy"), 0.0);
    EXPECT_GT(cell.number("sparsity").value_or(0), 0.0);
  }

  for (const CellSummary& cell : summary.cells) {
    const std::string folder = cell.model()->string();
    const test::Outcome inferred =
        test::run_line("infer " + folder + " --max-length 24", folder_.path(), "a p xb c\n\n");
    ASSERT_EQ(inferred.exit_code, 0) << inferred.errors;
    const nlohmann::json line =
        nlohmann::json::parse(inferred.output.substr(0, inferred.output.find('\n')));
    EXPECT_EQ(line.at("words"), nlohmann::json({"a", "p", "xb", "c"}));
    EXPECT_EQ(line.at("labels").size(), 4U);
    EXPECT_TRUE(line.at("entities").is_array());

    const test::Outcome scored =
        test::run_line("evaluate " + folder + " --task ner --max-length 24 --ensemble 2 --data " +
                           (folder_.path() / "dev.conll").string(),
                       folder_.path());
    ASSERT_EQ(scored.exit_code, 0) << scored.errors;
    EXPECT_EQ(nlohmann::json::parse(scored.output).at("examples"), 60);

    const test::Outcome wrong = test::run_line(
        "evaluate " + folder +
            " --task sst2 --max-length 24 --data " PRUMUX_SOURCE_DIR "/configs/sample/dev.tsv",
        folder_.path());
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_THAT(wrong.errors, HasSubstr("labels"));
  }
}

}  // namespace
}  // namespace prumux::pipeline

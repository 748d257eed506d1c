#include <gmock/gmock.h>

#include <fstream>

#include "core/io/atomic_file.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/pipelines.h"

namespace prumux::test {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;

/// A copy of the sample data and of a pipeline on it that tests may damage.
class BadInput : public testing::Test {
 protected:
  BadInput() {
    fs::create_directories(data());
    for (const char* file : {"train.tsv", "dev.tsv", "labels.txt", "vocab.txt", "corpus.txt"}) {
      fs::copy_file(sample_folder() / file, data() / file);
    }
    write_pipeline(kPipeline);
  }

  static constexpr const char* kPipeline = R"(name: bad
data: {task: sst2, root: data, max_length: 32, cache: cache}
model:
  vocabulary: data/vocab.txt
  config: {hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32}
multiplexer: {method: datamux, instances: 2}
stages:
  - {stage: finetune, id: dense, steps: 2}
)";

  fs::path data() const { return folder_.path() / "data"; }
  fs::path run_folder() const { return folder_.path() / "run"; }
  fs::path pipeline() const { return folder_.path() / "bad.yaml"; }

  void write_pipeline(const std::string& text) const { std::ofstream(pipeline()) << text; }

  /// The pipeline with one text of it replaced.
  void replace(const std::string& old_text, const std::string& new_text) const {
    std::string text = io::read_file(pipeline());
    const std::size_t at = text.find(old_text);
    ASSERT_NE(at, std::string::npos);
    write_pipeline(text.replace(at, old_text.size(), new_text));
  }

  Outcome run() const {
    return run_program({"run", pipeline().string(), "--out", run_folder().string()},
                       folder_.path());
  }

  Outcome prumux(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path());
  }

  /// Trains the pipeline as it is, and returns the folder of the model.
  fs::path trained_model() const {
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    return fs::directory_iterator(run_folder() / "stages")->path() / "model";
  }

  /// A wrong configuration: nothing is computed or written.
  void expect_refused(const testing::Matcher<const std::string&>& message) const {
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
    EXPECT_THAT(outcome.errors, message);
    EXPECT_EQ(outcome.output, "");
    EXPECT_FALSE(fs::exists(run_folder()));
  }

  /// Wrong data: found before anything is computed.
  void expect_failed(const testing::Matcher<const std::string&>& message) const {
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.errors;
    EXPECT_THAT(outcome.errors, message);
    EXPECT_EQ(outcome.output, "");
    if (fs::exists(run_folder() / "stages")) {
      for (const auto& entry : fs::recursive_directory_iterator(run_folder() / "stages")) {
        EXPECT_NE(entry.path().filename(), "model.safetensors") << entry.path();
      }
    }
  }

  TemporaryFolder folder_;
};

TEST_F(BadInput, UnknownKey) {
  replace("steps: 2", "stepps: 2");
  expect_refused(
      HasSubstr("bad.yaml:8:34: unknown key 'stepps' in 'stages.dense' - did you mean "
                "'steps'?"));
}

TEST_F(BadInput, WrongType) {
  replace("steps: 2", "steps: many");
  expect_refused(
      HasSubstr("bad.yaml:8:41: stages.dense.steps 'many' - expected an integer from 0"));
}

TEST_F(BadInput, ValueOutOfRange) {
  replace("steps: 2", "steps: 2, warmup_ratio: 1.5");
  expect_refused(
      HasSubstr("bad.yaml:8:58: stages.dense.warmup_ratio '1.5' - expected a number from "
                "0 to 1"));
}

TEST_F(BadInput, UnknownStageKind) {
  replace("stage: finetune", "stage: finetun");
  expect_refused(HasSubstr("bad.yaml:8:13: unknown stage 'finetun' - did you mean 'finetune'?"));
}

TEST_F(BadInput, MissingPipeline) {
  const Outcome outcome = prumux({"run", (folder_.path() / "none.yaml").string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("error: cannot read '"),
                                    HasSubstr("none.yaml': No such file or directory")));
}

TEST_F(BadInput, MissingDataFile) {
  fs::remove(data() / "dev.tsv");
  expect_refused(AllOf(HasSubstr("bad.yaml:2:7: data.dev: cannot read '"),
                       HasSubstr("dev.tsv': No such file or directory")));
}

TEST_F(BadInput, MissingModel) {
  replace("vocabulary: data/vocab.txt", "from: none");
  replace(
      "  config: {hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, "
      "intermediate_size: 32}\n",
      "");
  expect_refused(AllOf(HasSubstr("bad.yaml:4:9: model.from: cannot read '"),
                       HasSubstr("none/config.json': No such file or directory")));
}

TEST_F(BadInput, UnknownPlugin) {
  replace("method: datamux", "method: datamix");
  expect_refused(AllOf(HasSubstr("bad.yaml:6:23: unknown multiplexer 'datamix' - did you mean "
                                 "'datamux'?"),
                       HasSubstr("add a folder with --plugin-path DIR or PRUMUX_PLUGIN_PATH")));
}

TEST_F(BadInput, BatchesLargerThanTheData) {
  std::ofstream(data() / "train.tsv") << "sentence\tlabel\nfine\t1\ndull\t0\nbad\t0\n";
  expect_refused(
      HasSubstr("stages.dense.groups '32' with 2 instances each makes batches of 64 "
                "rows, but data.train has 3 - expected at most 1 groups"));
}

TEST_F(BadInput, MoreAccumulatedBatchesThanTheDataHas) {
  std::ofstream(data() / "train.tsv") << "sentence\tlabel\nfine\t1\ndull\t0\nbad\t0\ngood\t1\n";
  replace("steps: 2", "steps: 2, groups: 1, accumulation: 3");
  expect_refused(
      HasSubstr("bad.yaml:8:69: stages.dense.accumulation '3' - data.train makes 2 batches of 1 "
                "groups with 2 instances each; expected at most as many, or fewer groups"));
}

TEST_F(BadInput, MoreInstancesThanTheDataHasRows) {
  std::ofstream(data() / "train.tsv") << "sentence\tlabel\nfine\t1\ndull\t0\n";
  replace("instances: 2", "instances: 64");
  expect_refused(
      HasSubstr("stages.dense.groups '32' with 64 instances each makes batches of 2048 "
                "rows, but data.train has 2 - expected more data or fewer "
                "multiplexer.instances"));
}

TEST_F(BadInput, SequencesLargerThanTheCorpus) {
  std::ofstream(data() / "corpus.txt") << "a fine film .\n";
  replace("stages:\n", "stages:\n  - {stage: pretrain, line_per_chunk: true}\n");
  replace("cache: cache", "cache: cache, corpus: [corpus.txt]");
  expect_refused(
      HasSubstr("stages.pretrain.groups '32' with 2 instances each makes batches of 64 "
                "rows, but data.corpus has 1 - expected more data"));
}

TEST_F(BadInput, InstancesThatAreNoNumber) {
  replace("instances: 2", "instances: 0");
  expect_refused(
      HasSubstr("bad.yaml:6:43: multiplexer.instances '0' - expected an integer from 1 to"));
}

TEST_F(BadInput, HeadsThatDoNotDivideTheWidth) {
  replace("num_attention_heads: 2", "num_attention_heads: 3");
  expect_refused(
      HasSubstr("model.config.num_attention_heads '3' - expected a divisor of hidden_size "
                "16"));
}

TEST_F(BadInput, EmptyDataFile) {
  std::ofstream(data() / "train.tsv") << "";
  expect_failed(HasSubstr("train.tsv: no rows; expected at least one row of task 'sst2'"));
}

TEST_F(BadInput, LabelThatLabelsTxtDoesNotName) {
  std::ofstream(data() / "train.tsv", std::ios::app) << "a fine film .\tmixed\n";
  expect_failed(
      HasSubstr("train.tsv:6002: the label is 'mixed', expected one of negative, positive, "
                "or an integer from 0 to 1 (add a label to labels.txt"));
}

TEST_F(BadInput, TextThatIsNotUtf8) {
  std::ofstream(data() / "train.tsv", std::ios::app) << "a caf\xe9 scene .\t1\n";
  expect_failed(
      HasSubstr("train.tsv:6002: not valid UTF-8 at byte offset 5 of the line (0xe9); "
                "convert the text to UTF-8"));
}

TEST_F(BadInput, TruncatedCheckpoint) {
  const fs::path model = trained_model();
  const fs::path weights = model / "model.safetensors";
  fs::resize_file(weights, fs::file_size(weights) - 100);
  const Outcome outcome =
      prumux({"evaluate", model.string(), "--data", (data() / "dev.tsv").string()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors,
              AllOf(HasSubstr("model.safetensors' is no valid safetensors file: tensor"),
                    HasSubstr("is the file cut off?")));
  EXPECT_EQ(outcome.output, "");
}

TEST_F(BadInput, TensorOfAnotherShape) {
  const fs::path model = trained_model();
  std::string config = io::read_file(model / "config.json");
  const std::string old_size = "\"intermediate_size\": 32";
  const std::size_t at = config.find(old_size);
  ASSERT_NE(at, std::string::npos) << config;
  config.replace(at, old_size.size(), "\"intermediate_size\": 24");
  std::ofstream(model / "config.json") << config;
  const Outcome outcome = prumux({"bench", model.string()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors,
              HasSubstr("intermediate.dense.weight' has shape [32, 16], expected at most 24 rows; "
                        "does config.json belong to these weights?"));
}

TEST_F(BadInput, DiskThatTakesNoMore) {
  // A file size limit stands for the full disk: writing fails in the same place.
  const std::string script = "ulimit -f 20; exec \"$0\" \"$@\"";
  const Outcome outcome = run_shell(
      script, {"run", pipeline().string(), "--out", run_folder().string()}, folder_.path());
  EXPECT_EQ(outcome.exit_code, 1) << outcome.errors;
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("error: "), HasSubstr("cannot write '"),
                                    HasSubstr(": File too large")));
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
    EXPECT_NE(entry.path().filename(), "model.safetensors") << entry.path();
  }
  // With room again the same command goes through.
  EXPECT_EQ(run().exit_code, 0);
}

}  // namespace
}  // namespace prumux::test

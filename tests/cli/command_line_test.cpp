#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

class CommandLine : public testing::Test {
 protected:
  Outcome prumux(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path());
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }

  TemporaryFolder folder_;
};

/// A variable of the environment without a value while this lives.
class Unset {
 public:
  explicit Unset(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) value_ = value;
    ::unsetenv(name);
  }
  ~Unset() {
    if (value_) ::setenv(name_, value_->c_str(), 1);
  }
  Unset(const Unset&) = delete;
  Unset& operator=(const Unset&) = delete;

 private:
  const char* name_;
  std::optional<std::string> value_;
};

// `run` starts itself again where nothing says how threads wait.
TEST_F(CommandLine, RunKeepsItsArgumentsHoweverThreadsWait) {
  const std::string file = write("pipeline.yaml", "name: a\nstages: []\n");
  const std::vector<std::string> arguments = {"run",   file,          "--set", "name=two words",
                                              "--set", "data.tusk=3", "--set", "model.from="};
  const Unset policy("OMP_WAIT_POLICY");
  const Unset spins("GOMP_SPINCOUNT");
  const Outcome again = prumux(arguments);
  ::setenv("GOMP_SPINCOUNT", "1000", 1);
  const Outcome once = prumux(arguments);
  ::unsetenv("GOMP_SPINCOUNT");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(again.errors, once.errors);
  EXPECT_THAT(again.errors, HasSubstr("tusk"));
}

TEST_F(CommandLine, EveryCommandShowsAnExample) {
  for (const char* command : {"run", "status", "config", "tokenize", "forward", "infer", "evaluate",
                              "bench", "shrink", "convert", "predict"}) {
    const Outcome outcome = prumux({command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.output, HasSubstr(std::string("prumux ") + command)) << command;
    EXPECT_THAT(outcome.output, HasSubstr("Example")) << command;
  }
}

TEST_F(CommandLine, NamesTheUnknownCommandAndTheNearestOne) {
  const Outcome outcome = prumux({"evalute", "model"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("'evalute'"), HasSubstr("'evaluate'")));
  const Outcome inner = prumux({"plugins", "inspekt", "cofi"});
  EXPECT_EQ(inner.exit_code, 2);
  EXPECT_THAT(inner.errors, AllOf(HasSubstr("'inspekt'"), HasSubstr("'inspect'")));
}

TEST_F(CommandLine, ResultsThatCannotBeWrittenAreAFailure) {
  const Outcome outcome =
      run_shell("exec \"$0\" \"$@\" >/dev/full", {"plugins", "list"}, folder_.path());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("cannot write the results to the standard output"));
}

TEST_F(CommandLine, AReaderThatGoesAwayEndsTheWorkWithAnError) {
  const std::string script = "yes word | { \"$0\" \"$@\"; echo \"exit code $?\" >&2; } | head -1";
  const std::string vocabulary = std::string(PRUMUX_TEST_DATA) + "/tokenizer/uncased";
  const Outcome outcome = run_shell(script, {"tokenize", vocabulary}, folder_.path());
  EXPECT_EQ(outcome.output, "[101,2773,102]\n");
  EXPECT_THAT(outcome.errors,
              AllOf(HasSubstr("cannot write to the standard output"), EndsWith("exit code 1\n")));
}

TEST_F(CommandLine, ARunNeedsAFolderWithAName) {
  const std::string pipeline = write("p.yaml", "name: x\n");
  const Outcome outcome = prumux({"run", pipeline, "--out", ""});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--out ''"));
}

TEST_F(CommandLine, ARunsFolderIsNoFile) {
  const std::string file = write("taken", "");
  const std::string pipeline = write("p.yaml",
                                     "name: x\nmodel: {config: {}, vocabulary: v}\n"
                                     "stages: [{stage: report}]\n");
  const Outcome outcome = prumux({"run", pipeline, "--out", file});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("/taken' is a file - expected a folder"));
}

TEST_F(CommandLine, ALimitIsANumber) {
  const Outcome outcome = prumux({"plugins", "check", "x.so", "--limit", "nan"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--limit nan - expected seconds"));
}

// The log of the run is the first file that would take the number of a closed stream.
TEST_F(CommandLine, WritesNothingIntoFilesWhereTheStandardStreamsAreClosed) {
  const std::string sample = std::string(PRUMUX_SOURCE_DIR) + "/configs/sample";
  const std::string pipeline =
      write("p.yaml", "name: x\nthreads: 1\ndata: {task: sst2, root: " + sample +
                          ", max_length: 16}\nmodel: {vocabulary: " + sample +
                          "/vocab.txt, config: {hidden_size: 16, num_hidden_layers: 1, "
                          "num_attention_heads: 2, intermediate_size: 16}}\n"
                          "stages: [{stage: finetune, steps: 2, groups: 4, log_every: 1}]\n");
  const std::string run = folder_.path() / "run";
  run_shell("exec \"$0\" \"$@\" >&- 2>&-", {"run", pipeline, "--out", run}, folder_.path());
  std::size_t lines = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    if (entry.path().filename() != "metrics.jsonl") continue;
    std::ifstream log(entry.path());
    for (std::string line; std::getline(log, line); ++lines) EXPECT_EQ(line.front(), '{') << line;
  }
  EXPECT_GE(lines, 2U);
}

TEST_F(CommandLine, ARunsNameLeadsToNoOtherFolder) {
  const std::string pipeline = write("p.yaml", "name: ../x\nstages: [{stage: evaluate}]\n");
  const Outcome outcome = prumux({"config", pipeline});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("p.yaml:1:7"), HasSubstr("name '../x'")));
}

TEST_F(CommandLine, MessagesQuoteTheStartOfALongValueOnly) {
  const std::string pipeline = write("p.yaml", std::string(100000, 'x'));
  const Outcome outcome = prumux({"config", pipeline});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("xxx..."));
  EXPECT_THAT(outcome.errors, SizeIs(testing::Lt(500U)));
}

}  // namespace
}  // namespace prumux::test

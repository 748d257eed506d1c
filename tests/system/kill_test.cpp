#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "core/io/atomic_file.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/pipelines.h"

namespace prumux::test {
namespace {

namespace fs = std::filesystem;

/// A log without what may differ between two equal trainings.
std::string without_timing(const std::string& log) {
  std::istringstream lines(log);
  std::string line;
  std::string result;
  while (std::getline(lines, line)) {
    nlohmann::json record = nlohmann::json::parse(line);
    record.erase("timing");
    result += record.dump() + '\n';
  }
  return result;
}

/// Content of every model file and metrics log of a run, by path.
std::map<std::string, std::string> results(const fs::path& run) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(run / "stages")) {
    const std::string path = fs::relative(entry.path(), run).string();
    if (path.find("checkpoints") != std::string::npos) continue;
    const std::string name = entry.path().filename();
    if (name == "model.safetensors") contents[path] = io::read_file(entry.path());
    if (name == "metrics.jsonl") contents[path] = without_timing(io::read_file(entry.path()));
  }
  return contents;
}

/// What a run's JSON output says about each cell, timing aside.
nlohmann::json qualities(const std::string& output) {
  nlohmann::json result = nlohmann::json::array();
  for (const nlohmann::json& cell : nlohmann::json::parse(output).at("cells")) {
    result.push_back(
        {cell.at("variables"), cell.at("accuracy"), cell.value("measured_sparsity", 0.0)});
  }
  return result;
}

TEST(KilledRun, EndsWithTheSameBytesAsAnUndisturbedOne) {
  const TemporaryFolder undisturbed;
  const auto start = std::chrono::steady_clock::now();
  const Outcome expected = run_program(short_quickstart(undisturbed.path()), undisturbed.path());
  ASSERT_EQ(expected.exit_code, 0) << expected.errors;
  const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);

  const TemporaryFolder disturbed;
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed of the moments: " + std::to_string(seed));
  std::mt19937 random(seed);
  // Later kills find less left to do, so that together they spread over the whole run.
  for (int kill = 0; kill < 5; ++kill) {
    Program program(short_quickstart(disturbed.path()), disturbed.path());
    const auto longest = static_cast<int>(duration.count()) * 2 / 5;
    if (program.wait_for(std::chrono::milliseconds(random() % static_cast<unsigned>(longest)))) {
      continue;
    }
    program.kill(SIGKILL);
    EXPECT_EQ(program.wait().exit_code, -1);
  }
  const Outcome finished = run_program(short_quickstart(disturbed.path()), disturbed.path());
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;

  const auto wanted = results(undisturbed.path() / "run");
  EXPECT_GE(wanted.size(), 8U);
  EXPECT_THAT(results(disturbed.path() / "run"), testing::ContainerEq(wanted));
  EXPECT_EQ(qualities(finished.output), qualities(expected.output));
}

TEST(InterruptedRun, SavesItsStateAndGoesOn) {
  const TemporaryFolder folder;
  Program program(with_settings(short_quickstart(folder.path()), {"stages.warmup.steps=100000"}),
                  folder.path());
  const fs::path stages = folder.path() / "run" / "stages";
  // Interrupt it in the middle of training: as soon as there is a checkpoint.
  const auto has_checkpoint = [&] {
    if (!fs::exists(stages)) return false;
    for (const auto& stage : fs::directory_iterator(stages)) {
      std::error_code code;
      const fs::path checkpoints = stage.path() / "checkpoints";
      if (fs::exists(checkpoints, code) && !fs::is_empty(checkpoints, code)) return true;
    }
    return false;
  };
  for (int wait = 0; wait < 600 && !has_checkpoint(); ++wait) {
    ASSERT_FALSE(program.wait_for(std::chrono::milliseconds(100)));
  }
  program.kill(SIGINT);
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.exit_code, 130) << outcome.errors;
  EXPECT_THAT(outcome.errors, testing::HasSubstr("error: "));
  EXPECT_TRUE(has_checkpoint());
}

TEST(RepeatedRun, ReusesEveryStage) {
  const TemporaryFolder folder;
  const std::vector<std::string> arguments =
      with_settings(short_quickstart(folder.path()), {"grid.sparsity.values=[0]"});
  const Outcome first = run_program(arguments, folder.path());
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  const auto before = results(folder.path() / "run");
  const Outcome second = run_program(arguments, folder.path());
  ASSERT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_THAT(second.errors, testing::HasSubstr("reused"));
  EXPECT_EQ(nlohmann::json::parse(second.output).at("cells"),
            nlohmann::json::parse(first.output).at("cells"));
  EXPECT_EQ(results(folder.path() / "run"), before);
}

}  // namespace
}  // namespace prumux::test

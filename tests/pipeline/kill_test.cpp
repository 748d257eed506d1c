#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tiny_pipeline.h"

extern char** environ;

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

class KillTest : public TinyPipelineTest {
 protected:
  pid_t start(const fs::path& folder, const fs::path& output) const {
    std::vector<std::string> words = {std::string(PRUMUX_BUILD_DIR) + "/bin/prumux", "run",
                                      file_.string(), "--out", folder.string()};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0666);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t process = 0;
    EXPECT_EQ(posix_spawn(&process, words[0].c_str(), &actions, nullptr, arguments.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    return process;
  }

  static int wait_for(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

std::map<std::string, std::string> models(const fs::path& run) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(run)) {
    if (entry.path().parent_path().filename() != "model") continue;
    contents[entry.path().lexically_relative(run).string()] = io::read_file(entry.path());
  }
  return contents;
}

/// The result without what the clock has measured.
nlohmann::json accuracies(const fs::path& output) {
  nlohmann::json result = nlohmann::json::array();
  for (const nlohmann::json& cell : nlohmann::json::parse(io::read_file(output)).at("cells")) {
    result.push_back({cell.at("instances"), cell.at("sparsity"), cell.at("accuracy")});
  }
  return result;
}

TEST_F(KillTest, ARunThatIsKilledAndStartedAgainEndsWithTheSameBytes) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  ASSERT_EQ(wait_for(start(root_ / "undisturbed", root_ / "undisturbed.json")), 0);
  const Clock::duration whole = Clock::now() - begin;

  constexpr int kKills = 5;
  for (int kill_number = 1; kill_number <= kKills; ++kill_number) {
    const pid_t process = start(root_ / "disturbed", root_ / "disturbed.json");
    std::this_thread::sleep_for(whole * (2 * kill_number + 3) / (5 * kKills));
    kill(process, SIGKILL);
    wait_for(process);
  }
  ASSERT_EQ(wait_for(start(root_ / "disturbed", root_ / "disturbed.json")), 0);
  EXPECT_EQ(models(root_ / "disturbed"), models(root_ / "undisturbed"));
  EXPECT_EQ(accuracies(root_ / "disturbed.json"), accuracies(root_ / "undisturbed.json"));
  EXPECT_FALSE(models(root_ / "disturbed").empty());
}

}  // namespace
}  // namespace prumux::pipeline

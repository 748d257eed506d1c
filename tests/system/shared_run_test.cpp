#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/pipelines.h"

namespace prumux::test {
namespace {

namespace fs = std::filesystem;

/// How often a log says that the stage called `id` was computed.
int computations(const std::string& log, const std::string& id) {
  int count = 0;
  const std::string text = "[" + id + "] done in ";
  for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
    ++count;
  }
  return count;
}

TEST(SharedRun, IsDividedBetweenTwoProcesses) {
  const TemporaryFolder folder;
  const TemporaryFolder first_output;
  const TemporaryFolder second_output;
  const std::vector<std::string> arguments =
      with_settings(short_quickstart(folder.path()),
                    {"grid.instances.values=[2, 3]", "grid.sparsity.values=[0]"});
  Program first(arguments, first_output.path());
  const fs::path stages = folder.path() / "run" / "stages";
  for (int wait = 0; wait < 600 && !fs::exists(stages); ++wait) {
    ASSERT_FALSE(first.wait_for(std::chrono::milliseconds(10)));
  }
  Program second(arguments, second_output.path());
  const Outcome first_outcome = first.wait();
  const Outcome second_outcome = second.wait();
  ASSERT_EQ(first_outcome.exit_code, 0) << first_outcome.errors;
  ASSERT_EQ(second_outcome.exit_code, 0) << second_outcome.errors;

  // Each trains one of the two cells, and both know the results of both.
  for (const char* id : {"warmup", "language", "dense"}) {
    EXPECT_EQ(computations(first_outcome.errors, id), 1) << id << first_outcome.errors;
    EXPECT_EQ(computations(second_outcome.errors, id), 1) << id << second_outcome.errors;
  }
  EXPECT_EQ(computations(first_outcome.errors + second_outcome.errors, "evaluate"), 2);
  const nlohmann::json cells = nlohmann::json::parse(first_outcome.output).at("cells");
  EXPECT_EQ(cells.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(second_outcome.output).at("cells"), cells);
}

}  // namespace
}  // namespace prumux::test

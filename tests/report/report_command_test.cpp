#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "tests/report/run_fixture.h"
#include "tests/support/program.h"

namespace prumux::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(ReportCommand, WritesThePageIntoTheFolderOfTheRun) {
  const RunFixture run;
  const TemporaryFolder scratch;
  const Outcome outcome = run_program({"report", run.path().string()}, scratch.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(json::parse(outcome.output),
            json({{"out", (run.path() / "report.html").string()}, {"cells", 7}, {"stages", 31}}));
  EXPECT_THAT(io::read_file(run.path() / "report.html"), HasSubstr("<title>quickstart"));
}

TEST(ReportCommand, WritesThePageWhereItIsAskedTo) {
  const RunFixture run;
  const TemporaryFolder scratch;
  const Outcome outcome =
      run_program({"report", run.path().string(), "--out", "page.html"}, scratch.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "page.html"));
  EXPECT_FALSE(std::filesystem::exists(run.path() / "report.html"));
}

TEST(ReportCommand, RefusesAFolderThatIsNoRun) {
  const TemporaryFolder scratch;
  const Outcome outcome = run_program({"report", "."}, scratch.path());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("'.' is no folder of a run"));
  EXPECT_EQ(run_program({"report"}, scratch.path()).exit_code, 2);
  const RunFixture run;
  const auto stage = std::filesystem::directory_iterator(run.path() / "stages")->path();
  const Outcome of_stage = run_program({"report", stage.string()}, scratch.path());
  EXPECT_EQ(of_stage.exit_code, 1);
  EXPECT_THAT(of_stage.errors, HasSubstr("is no folder of a run: it is that of a stage"));
}

}  // namespace
}  // namespace prumux::test

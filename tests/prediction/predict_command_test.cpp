#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class PredictCommand : public ::testing::Test {
 protected:
  PredictCommand() {
    write("grid.csv", R"(task,instances,sparsity,accuracy,throughput
a,1,0,0.93,100
a,2,0.6,0.90,200
a,2,0.7,0.88,250
a,2,0.8,0.86,400
a,5,0.6,0.87,400
a,5,0.65,,450
a,5,0.7,0.83,500
a,5,0.8,0.84,625
)");
  }

  void write(const std::string& name, const std::string& content) const {
    folder_.write(name, content);
  }

  Outcome predict(const std::string& arguments) const {
    return run_line("predict " + arguments, folder_.path());
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(PredictCommand, RecommendsTheFastestCellsAsJson) {
  const Outcome outcome = predict("grid.csv --max-loss 0.08");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.errors, "");
  const json best = json::parse(outcome.output).at("recommendations");
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].at("instances"), 5);
  EXPECT_EQ(best[0].at("sparsity"), 0.65);
  EXPECT_NEAR(best[0].at("accuracy").get<double>(), 0.85, 1e-12);
  EXPECT_EQ(best[0].at("throughput"), 450.0);
  EXPECT_EQ(best[0].at("accuracy_source"), "interpolated");
  EXPECT_EQ(best[0].at("extrapolated"), false);
  EXPECT_EQ(best[1].at("accuracy"), 0.87);
  EXPECT_EQ(best[1].at("accuracy_source"), "measured");
  EXPECT_EQ(best[2].at("sparsity"), 0.8);
}

TEST_F(PredictCommand, ChoosesFromAFileOfCandidates) {
  write("candidates.csv", "instances,sparsity\n2,0.75\n5,0.9\n");
  const Outcome outcome =
      predict("grid.csv --min-accuracy 0.84 --top 1 --candidates candidates.csv");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const json best = json::parse(outcome.output).at("recommendations");
  ASSERT_EQ(best.size(), 1u);
  EXPECT_EQ(best[0].at("sparsity"), 0.75);
  EXPECT_EQ(best[0].at("throughput_source"), "interpolated");
  EXPECT_NEAR(best[0].at("throughput").get<double>(), 316.227766, 1e-5);
}

TEST_F(PredictCommand, AllowsExtrapolationWhenAsked) {
  write("candidates.csv", "instances,sparsity\n2,0.75\n5,0.9\n");
  const Outcome outcome = predict(
      "--min-accuracy 0.84 --allow-extrapolation --candidates candidates.csv "
      "--parameter outside=clamp grid.csv");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const json best = json::parse(outcome.output).at("recommendations");
  EXPECT_EQ(best[0].at("sparsity"), 0.9);
  EXPECT_EQ(best[0].at("accuracy"), 0.84);
  EXPECT_EQ(best[0].at("accuracy_source"), "extrapolated");
  EXPECT_EQ(best[0].at("extrapolated"), true);
}

TEST_F(PredictCommand, CrossValidatesEveryTask) {
  const Outcome outcome = predict("grid.csv --cross-validate");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const json tasks = json::parse(outcome.output);
  EXPECT_NEAR(tasks.at("a").at("accuracy_within").get<double>(), 0.5, 1e-12);
  EXPECT_NEAR(tasks.at("a").at("top3_hit").get<double>(), 12.0 / 21.0, 1e-12);
  EXPECT_TRUE(tasks.at("a").contains("throughput_within"));
}

TEST_F(PredictCommand, ComparesEveryModelOnTheSameGrid) {
  for (const char* model : {"bilinear", "monotone_bilinear", "gaussian_process", "analytic"}) {
    const Outcome outcome = predict(std::string("grid.csv --cross-validate --model ") + model);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    const json task = json::parse(outcome.output).at("a");
    EXPECT_LT(task.at("accuracy_error").get<double>(), 0.05) << model;
    EXPECT_LT(task.at("throughput_error").get<double>(), 0.6) << model;
    EXPECT_EQ(task.at("left_out")[0].contains("accuracy_uncertainty"),
              std::string(model) == "gaussian_process");
  }
}

TEST_F(PredictCommand, FailsWithTheBestAccuracyWhenNoneIsEnough) {
  const Outcome outcome = predict("grid.csv --min-accuracy 0.99");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("the best there is: 0.93"));
}

TEST_F(PredictCommand, FailsOnBadFilesWithTheirPlace) {
  write("percent.csv", "task,instances,sparsity,accuracy,throughput\na,1,0,93.1,100\n");
  const Outcome percent = predict("percent.csv --min-accuracy 0.9");
  EXPECT_EQ(percent.exit_code, 1);
  EXPECT_THAT(percent.errors, HasSubstr("percent.csv:2: accuracy must be in [0, 1]"));
  const Outcome missing = predict("none.csv --min-accuracy 0.9");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.errors, HasSubstr("none.csv"));
}

TEST_F(PredictCommand, RefusesWrongUsage) {
  const auto expect_refusal = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = predict(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments << "\n" << outcome.errors;
    EXPECT_EQ(outcome.output, "");
    EXPECT_THAT(outcome.errors, HasSubstr(message)) << arguments;
  };
  expect_refusal("grid.csv", "--min-accuracy");
  expect_refusal("missing.csv", "--min-accuracy");
  expect_refusal("grid.csv --min-accuracy 0.9 --max-loss 0.1", "--max-loss");
  expect_refusal("grid.csv --min-accuracy 90", "90 percent is 0.9");
  expect_refusal("grid.csv --max-loss 0.1 --task b", "its tasks: a");
  expect_refusal("grid.csv --max-loss 0.1 --model bilinaer", "bilinear");
  expect_refusal("grid.csv --max-loss 0.1 --parameter outside=far", "outside");
  expect_refusal("grid.csv --max-loss 0.1 --parameter outside", "NAME=VALUE");
  expect_refusal("grid.csv --max-loss 0.1 --top 0", "at least one");
  expect_refusal("grid.csv --max-loss 0.1 --top -1", "not in range");
  expect_refusal("--max-loss 0.1", "grid");
}

TEST_F(PredictCommand, ShowsAnExampleInItsHelp) {
  const Outcome outcome = predict("--help");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("prumux predict grid.csv --task sst2 --max-loss 0.02"));
}

}  // namespace
}  // namespace prumux::test

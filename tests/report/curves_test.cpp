#include "core/report/curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

using report::read_curves;
using report::TrainingCurves;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Curves, AreReadFromTheLinesOfMetrics) {
  const TemporaryFolder folder;
  folder.write("metrics.jsonl",
               "{\"step\":10,\"loss\":0.5,\"metrics\":{\"sparsity\":0.1,\"target_sparsity\":0.2}}\n"
               "{\"step\":10,\"score\":0.8,\"best\":true}\n"
               "{\"step\":20,\"loss\":null,\"metrics\":{}}\n"
               "{\"step\":30,\"loss\":0.25,\"met");
  const TrainingCurves curves = read_curves(folder.path());
  EXPECT_THAT(curves.loss.steps, ElementsAre(10));
  EXPECT_THAT(curves.loss.values, ElementsAre(0.5));
  EXPECT_THAT(curves.score.values, ElementsAre(0.8));
  EXPECT_THAT(curves.sparsity.values, ElementsAre(0.1));
  EXPECT_THAT(curves.target.values, ElementsAre(0.2));
}

TEST(Curves, AreThinnedOutWithTheLastStepKept) {
  const TemporaryFolder folder;
  std::string lines;
  for (int step = 1; step <= 7; ++step) {
    const std::string number = std::to_string(step);
    lines += "{\"step\":" + number + ",\"loss\":" + number + ",\"score\":" + number + "}\n";
  }
  folder.write("metrics.jsonl", lines);
  const TrainingCurves curves = read_curves(folder.path(), 3);
  EXPECT_THAT(curves.loss.steps, ElementsAre(1, 4, 7));
  EXPECT_THAT(curves.loss.values, ElementsAre(1, 3, 6));  // Means of 1; 2 to 4; 5 to 7.
  EXPECT_THAT(curves.score.steps, ElementsAre(1, 4, 7));
  EXPECT_THAT(curves.score.values, ElementsAre(1, 4, 7));
}

TEST(Curves, WithoutMetricsAreEmpty) {
  const TemporaryFolder folder;
  const TrainingCurves curves = read_curves(folder.path());
  EXPECT_TRUE(curves.empty());
  EXPECT_THAT(to_json(curves), IsEmpty());
}

}  // namespace
}  // namespace prumux::test

#include "core/text/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

using Values = std::vector<double>;

// 3 true positives, 1 false positive, 2 false negatives, 4 true negatives.
const Values kPredictions{1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
const Values kLabels{1, 1, 1, 0, 1, 1, 0, 0, 0, 0};

TEST(Metrics, BinaryScoresFollowTheirFormulas) {
  EXPECT_DOUBLE_EQ(accuracy(kPredictions, kLabels), 0.7);
  EXPECT_DOUBLE_EQ(f1(kPredictions, kLabels), 2.0 * 3 / (2 * 3 + 1 + 2));
  EXPECT_NEAR(matthews_correlation(kPredictions, kLabels),
              (3.0 * 4 - 1 * 2) / std::sqrt(4.0 * 5 * 5 * 6), 1e-15);
}

TEST(Metrics, MatthewsHandlesSeveralClasses) {
  // sklearn.metrics.matthews_corrcoef([0, 1, 2, 2, 1, 0], [0, 1, 2, 1, 1, 2])
  EXPECT_NEAR(matthews_correlation(Values{0, 1, 2, 1, 1, 2}, Values{0, 1, 2, 2, 1, 0}),
              (4 * 6 - 12.0) / (std::sqrt(36.0 - 14) * std::sqrt(36.0 - 12)), 1e-15);
}

TEST(Metrics, CorrelationsFollowTheirFormulas) {
  // Means 2.5 and 3; covariance 7, variances 5 and 10.
  EXPECT_NEAR(pearson_correlation(Values{1, 2, 3, 4}, Values{1, 3, 2, 6}), 7 / std::sqrt(5.0 * 14),
              1e-15);
  // Without ties: 1 - 6 * sum of squared rank differences / (n (n^2 - 1)).
  EXPECT_NEAR(spearman_correlation(Values{10, 20, 30, 40, 50}, Values{1, 3, 2, 5, 400}),
              1 - 6.0 * (0 + 1 + 1 + 0 + 0) / (5 * 24), 1e-15);
}

TEST(Metrics, SpearmanAveragesTiedRanks) {
  // Ranks 1.5, 1.5, 3 against 1, 2, 3: covariance 1.5, variances 1.5 and 2.
  EXPECT_NEAR(spearman_correlation(Values{7, 7, 9}, Values{1, 2, 3}), 1.5 / std::sqrt(3.0), 1e-15);
}

TEST(Metrics, ConstantPredictionsScoreZero) {
  EXPECT_EQ(matthews_correlation(Values{1, 1, 1}, Values{0, 1, 1}), 0.0);
  EXPECT_EQ(pearson_correlation(Values{2, 2, 2}, Values{0, 1, 2}), 0.0);
  EXPECT_EQ(f1(Values{0, 0}, Values{0, 0}), 0.0);
}

TEST(Metrics, RefusesWhatHasNoScore) {
  EXPECT_THAT(error_of<DataError>([] {
                accuracy(Values{1}, Values{1, 0});
              }),
              HasSubstr("cannot score 1 predictions against 2 labels"));
  EXPECT_THROW(accuracy(Values{}, Values{}), DataError);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of<NumericError>([&] {
                pearson_correlation(Values{1, nan}, Values{1, 0});
              }),
              HasSubstr("example 1: prediction nan"));
}

TEST(Metrics, ScoresOfATaskHaveGluesNames) {
  EXPECT_THAT(score_predictions(find_task("mrpc"), kPredictions, kLabels),
              UnorderedElementsAre(Pair("accuracy", 0.7), Pair("f1", DoubleNear(2.0 / 3, 1e-12)),
                                   Pair("combined_score", DoubleNear((0.7 + 2.0 / 3) / 2, 1e-12))));
  EXPECT_THAT(score_predictions(find_task("sst2"), kPredictions, kLabels),
              UnorderedElementsAre(Pair("accuracy", 0.7)));
  const Scores scores = score_predictions(find_task("stsb"), Values{7, 7, 9}, Values{1, 2, 3});
  EXPECT_EQ(scores.size(), 3U);
  EXPECT_EQ(main_score(find_task("stsb"), scores),
            (scores.at("pearson") + scores.at("spearmanr")) / 2);
}

TEST(Task, MainScoresAreThoseThatModelsAreSelectedBy) {
  EXPECT_EQ(find_task("cola").main_score, "matthews_correlation");
  EXPECT_EQ(find_task("stsb").main_score, "combined_score");
  for (const char* name : {"sst2", "mnli", "qnli", "qqp", "rte", "mrpc"})
    EXPECT_EQ(find_task(name).main_score, "accuracy");
}

TEST(Task, UnknownNamesListTheKnownOnes) {
  EXPECT_THAT(error_of<ConfigError>([] { find_task("sst3"); }),
              HasSubstr("unknown task 'sst3'; the tasks are classification, cola, mnli"));
}

}  // namespace
}  // namespace prumux::text

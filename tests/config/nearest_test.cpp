#include "core/config/nearest.h"

#include "helpers.h"

namespace prumux::config {
namespace {

const std::vector<std::string> kNames = {"learning_rate", "steps", "schedule", "seed"};

TEST(NearestName, FindsMisspellingsSwapsAndCase) {
  EXPECT_EQ(nearest_name("lerning_rate", kNames), "learning_rate");
  EXPECT_EQ(nearest_name("stpes", kNames), "steps");
  EXPECT_EQ(nearest_name("Schedule", kNames), "schedule");
}

TEST(NearestName, DoesNotGuessADifferentWord) {
  EXPECT_EQ(nearest_name("batch", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("x", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("x", {"a", "b"}), std::nullopt);
}

TEST(Suggestion, ListsTheNamesWhenNoneIsNear) {
  EXPECT_EQ(suggestion("stpes", kNames), "did you mean 'steps'?");
  EXPECT_EQ(suggestion("batch", {"a1", "b2"}), "expected one of a1, b2");
  EXPECT_EQ(suggestion("batch", {}), "expected none");
}

}  // namespace
}  // namespace prumux::config

#include "core/train/schedule.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"

namespace prumux::train {
namespace {

TEST(Schedule, EqualsHuggingFace) {
  const auto data = nlohmann::json::parse(io::read_file(PRUMUX_TEST_DATA "/train/schedules.json"));
  const std::pair<const char*, ScheduleKind> kinds[] = {{"linear", ScheduleKind::linear},
                                                        {"constant", ScheduleKind::constant},
                                                        {"cosine", ScheduleKind::cosine}};
  for (const auto& [name, kind] : kinds) {
    const ScheduleOptions options{kind, data["warmup_steps"].get<std::int64_t>(), 0.0};
    for (std::int64_t step = 0; step < 10; ++step)
      EXPECT_NEAR(schedule_factor(options, step, 10),
                  data["factors"][name][static_cast<std::size_t>(step)].get<double>(), 1e-12)
          << name << " " << step;
  }
}

TEST(Schedule, WarmupRatioIsAShareOfAllSteps) {
  EXPECT_EQ(warmup_steps({ScheduleKind::linear, 0, 0.1}, 95), 10);
  EXPECT_EQ(warmup_steps({ScheduleKind::linear, 7, 0.1}, 95), 7);
  EXPECT_EQ(warmup_steps({ScheduleKind::linear, 0, 0.0}, 95), 0);
}

TEST(Schedule, FirstStepWithoutWarmupHasTheFullRate) {
  EXPECT_EQ(schedule_factor({ScheduleKind::linear, 0, 0.0}, 0, 4), 1.0);
  EXPECT_EQ(schedule_factor({ScheduleKind::linear, 0, 0.0}, 3, 4), 0.25);
}

}  // namespace
}  // namespace prumux::train

#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace prumux::train {

std::int64_t warmup_steps(const ScheduleOptions& options, std::int64_t total_steps) {
  if (options.warmup_steps > 0) return options.warmup_steps;
  return static_cast<std::int64_t>(
      std::ceil(options.warmup_ratio * static_cast<double>(total_steps)));
}

double schedule_factor(const ScheduleOptions& options, std::int64_t done_steps,
                       std::int64_t total_steps) {
  const std::int64_t warmup = warmup_steps(options, total_steps);
  if (done_steps < warmup) return static_cast<double>(done_steps) / static_cast<double>(warmup);
  if (options.kind == ScheduleKind::constant) return 1.0;
  const double decay_steps = static_cast<double>(std::max<std::int64_t>(1, total_steps - warmup));
  const double progress = static_cast<double>(done_steps - warmup) / decay_steps;
  if (options.kind == ScheduleKind::linear) return std::max(0.0, 1.0 - progress);
  return 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, progress)));
}

}  // namespace prumux::train

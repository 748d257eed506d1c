#pragma once

#include <cstdint>

#include "core/train/options.h"

namespace prumux::train {

/// Steps over which the learning rate rises from 0.
std::int64_t warmup_steps(const ScheduleOptions& options, std::int64_t total_steps);

/// Factor of the learning rate in the step that follows `done_steps` steps. Warm-up is linear from
/// 0; then linear to 0, constant, or half a cosine to 0 (Hugging Face's schedules).
double schedule_factor(const ScheduleOptions& options, std::int64_t done_steps,
                       std::int64_t total_steps);

}  // namespace prumux::train

#pragma once

#include <string>

#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"

namespace prumux::pipeline {

enum class Status {
  up_to_date,  ///< Its result is there, and nothing that determines it has changed.
  partial,     ///< A run of it was interrupted, and can go on.
  stale,       ///< There is a result, but of something else, or damaged.
  missing,     ///< Never computed.
  every_time,  ///< A stage that always runs.
};

struct StageState {
  Status status = Status::missing;
  std::string reason;  ///< "stale: learning_rate 0.0001 -> 0.0002 (p.yaml:7:20)", ...
};

/// What is known about a stage of `plan`. A result is the earlier one of a stale stage when no
/// stage of the plan has use for it any more: other cells' results are not.
StageState state_of(const PlannedStage& stage, const Plan& plan, const RunFolder& run);

/// "up_to_date", ...
std::string to_string(Status status);

}  // namespace prumux::pipeline

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"
#include "core/pipeline/stage_state.h"
#include "core/pipeline/summary.h"

namespace prumux::pipeline {

struct RunOptions {
  std::optional<std::string> force{};  ///< Id of a stage to compute again, with what depends on it.
  std::optional<std::string> until{};  ///< Id of the last stage to run.
  std::function<bool()>
      stop_requested{};  ///< Asked between stages, and by long ones; may be empty.
};

/// One stage of a plan and what a run would do with it.
struct PlannedAction {
  const PlannedStage* stage = nullptr;
  StageState state;
  bool runs = false;
};

/// What `run` with the same options would do, in order.
/// Throws `ConfigError` when an option names no stage of the pipeline.
std::vector<PlannedAction> preview(const Plan& plan, const RunFolder& folder,
                                   const RunOptions& options);

/// Carries the plan out. A stage whose result is there is reused; an interrupted one goes on.
/// Before anything is computed, every stage that will run has looked at its data. May run in
/// several processes on one folder. Throws what the stages throw, and `Interrupted`.
Summary run(const Plan& plan, const RunFolder& folder, const RunOptions& options);

}  // namespace prumux::pipeline

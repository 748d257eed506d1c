#pragma once

#include <optional>

#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"
#include "core/pipeline/summary.h"

namespace prumux::pipeline {

/// What the stage has left; empty: it is not complete.
std::optional<StageResult> result_of(const PlannedStage& stage, const RunFolder& folder);

/// The cells with the results that are there.
Summary collect(const Plan& plan, const RunFolder& folder);

}  // namespace prumux::pipeline

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"
#include "core/pipeline/summary.h"

namespace prumux::pipeline {

/// What the stage has left; empty: it is not complete.
std::optional<StageResult> result_of(const PlannedStage& stage, const RunFolder& folder);

/// Ids of the stages that a cell needs, itself or for what it reads from, and that have no result.
std::vector<std::string> missing_stages(const Plan& plan, std::size_t cell,
                                        const std::function<bool(const PlannedStage&)>& has_result);

/// The cells with the results that are there, as if stages that are not wanted were none of theirs.
Summary collect(
    const Plan& plan, const RunFolder& folder,
    const std::function<bool(const PlannedStage&)>& is_wanted = [](const PlannedStage&) {
      return true;
    });

}  // namespace prumux::pipeline

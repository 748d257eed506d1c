#pragma once

#include "core/pipeline/plan.h"

namespace prumux::pipeline {

/// Throws `DataError` naming the first file that the stage reads and that is no longer what it was
/// when the stage was planned: its result would stand under the key of another one.
void expect_unchanged_files(const PlannedStage& stage);

}  // namespace prumux::pipeline

#pragma once

#include <memory>

#include "core/pipeline/stage_table.h"

namespace prumux::pipeline {

/// Every kind of stage that prumux has, and the sections of a pipeline.
std::unique_ptr<const StageTable> make_stage_table();

}  // namespace prumux::pipeline

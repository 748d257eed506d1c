#pragma once

#include <string>
#include <vector>

#include "core/report/grid_values.h"

namespace prumux::report {

/// The measurements of one model that belong to one cell, the latest last.
struct MeasuredPoint {
  Variables variables;
  std::vector<const StageFolder*> measurements;
};

/// Sorts the measurements of one model by what they depend on beside it. One that does not depend
/// on a variable belongs to every point that differs in it only. Of those that differ in nothing
/// the latest is taken, with a line in `notes` for each of the others.
std::vector<MeasuredPoint> points_of(std::vector<const StageFolder*> measurements,
                                     const StageGraph& graph, const PipelineFacts& pipeline,
                                     std::vector<std::string>& notes);

}  // namespace prumux::report

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/report/pipeline_facts.h"
#include "core/report/stage_graph.h"

namespace prumux::report {

/// Values of the grid's variables by their names, in the order of the grid.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// The value of a variable on which nothing depends.
inline constexpr const char* kNothing = "-";

/// What `stage` and all that led to it had.
Variables variables_of(const StageFolder& stage, const StageGraph& graph,
                       const PipelineFacts& pipeline);

/// "instances 2, sparsity 0.6"; empty without variables.
std::string describe(const Variables& variables);

/// What the two say together; empty when they contradict each other.
std::optional<Variables> merged(const Variables& one, const Variables& other);

/// Whether the grid, as it is now, still has all the values.
bool is_in_grid(const Variables& variables, const PipelineFacts& pipeline);

}  // namespace prumux::report

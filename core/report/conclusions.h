#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/report/cells.h"

namespace prumux::report {

// What stages of the pipeline that read the results of all cells have found: the latest result that
// is of the measurements of `cells`. Null when there is none; where there are only others, with a
// line in `notes`.

/// Of predict: as prediction.json, with `allow_extrapolation`.
nlohmann::json prediction(const std::vector<Cell>& cells, const StageGraph& graph,
                          const PipelineFacts& pipeline, std::vector<std::string>& notes);

/// Of tune.
nlohmann::json search(const std::vector<Cell>& cells, const StageGraph& graph,
                      const PipelineFacts& pipeline, std::vector<std::string>& notes);

}  // namespace prumux::report

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/config/problems.h"
#include "core/config/value.h"

namespace prumux::pipeline {

/// `grid: {name: {set: path, values: [...]}}`.
struct GridVariable {
  std::string name;
  config::Value path;                 ///< The scalar under `set`.
  std::vector<config::Value> values;  ///< Scalars, no two the same.
};

/// One value for each variable.
using GridPoint = std::vector<std::pair<const GridVariable*, const config::Value*>>;

/// The variables of a raw pipeline; what is wrong with them is reported and left out.
std::vector<GridVariable> read_grid(const config::Value& pipeline, config::Problems& problems);

/// Reports variables called `instances` or `sparsity` that are something else: tables, reports and
/// performance models place a cell by them.
void check_coordinates(const std::vector<GridVariable>& variables, config::Problems& problems);

/// All combinations; the last variable changes fastest. One empty point without variables.
std::vector<GridPoint> grid_points(const std::vector<GridVariable>& variables);

/// The one text of all scalars of the same value: 0.6 and 0.60, true and True.
std::string value_text(const config::Value& scalar);

}  // namespace prumux::pipeline

#pragma once

#include <vector>

namespace prumux::predictors {

/// A table of numbers, row by row; all rows are as long.
using Table = std::vector<std::vector<double>>;

/// The table nearest to `values`, in squared distances weighted by `weights` (above 0), that rises
/// nowhere along its rows and columns: two-dimensional isotonic regression, by Dykstra's
/// alternating projections onto rows and columns (Dykstra and Robertson 1982).
Table nearest_falling(const Table& values, const Table& weights);

}  // namespace prumux::predictors

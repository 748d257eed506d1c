#pragma once

#include <cstddef>
#include <vector>

#include "core/prediction/estimator.h"
#include "core/prediction/grid.h"

namespace prumux::prediction {

/// Rounding of decimal numbers must not decide whether a cell is accurate enough.
inline constexpr double kRoundingSlack = 1e-9;

struct Recommendation {
  Cell cell;
  Estimate accuracy;
  Estimate throughput;

  /// Whether one of the two lies outside of the measurements.
  bool extrapolated() const;
};

/// Keeps the `count` fastest of those whose accuracy is at least `min_accuracy`, the fastest first.
/// Ties go to the higher accuracy, then to fewer instances, then to the lower sparsity.
void keep_best(std::vector<Recommendation>& candidates, double min_accuracy, std::size_t count);

}  // namespace prumux::prediction

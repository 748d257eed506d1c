#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/prediction/grid.h"
#include "core/prediction/model_factory.h"

namespace prumux::prediction {

enum class Source { measured, interpolated, extrapolated };

std::string_view to_string(Source source);

struct Estimate {
  double value = 0.0;
  Source source = Source::measured;
  std::optional<double> uncertainty = std::nullopt;  ///< One standard deviation, where known.
};

/// Muxed and pruned: where the accuracy model applies, and what cross-validation leaves out.
bool is_compressed_twice(const Cell& cell);

/// Estimates one quantity of one task at any cell: the measured value where there is one, or else a
/// fitted model's. Accuracy has three models, since dense, pruned and muxed models differ by more
/// than their numbers (spec 11.1): one of the cells with instances > 1 and sparsity > 0, one of
/// those with 1 instance, one of the dense ones. Throughput has one model of all cells.
/// Models are fitted when they are first needed. Not thread-safe.
class Estimator {
 public:
  /// `task` must outlive the estimator. `left_out`: a cell whose measurement is not to be used.
  Estimator(const TaskGrid& task, Quantity quantity, ModelFactory models,
            std::optional<Cell> left_out = std::nullopt);

  /// Empty: nothing was measured from which the cell could be estimated. Throws what the model
  /// throws, and `NumericError` when it predicts something that is not a number.
  std::optional<Estimate> estimate(const Cell& cell);

 private:
  enum class Region { all, compressed_twice, pruned, muxed };

  std::optional<double> measured(const Cell& cell, const Measurement& measurement) const;
  bool contains(Region region, const Cell& cell) const;
  Region region_of(const Cell& cell) const;
  /// Null when the region has no measurement.
  const PerformanceModel* model_of(Region region);

  const TaskGrid& task_;
  Quantity quantity_;
  ModelFactory make_model_;
  std::optional<Cell> left_out_;
  std::map<Region, std::shared_ptr<PerformanceModel>> fitted_;
};

}  // namespace prumux::prediction

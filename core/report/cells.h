#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/report/grid_values.h"

namespace prumux::report {

/// A model of the run, as it was measured at a point of the grid; or one that was not, and is the
/// last of its cell.
struct Cell {
  std::int64_t instances = 1;
  double sparsity = 0.0;  ///< The grid's value of it, or else the measured one.
  Variables variables;
  const StageFolder* model = nullptr;  ///< Null: the pipeline's own model.
  std::vector<const StageFolder*> measurements;

  /// "instances 2, sparsity 0.6", or the model's folder in a run without a grid.
  std::string label() const;

  /// The number called `name` of the last stage that has one: of the measurements, or else of the
  /// training.
  std::optional<double> number(const std::string& name) const;

  /// The stages of the cell, the model's first.
  std::vector<const StageFolder*> stages() const;
};

/// The cells with an accuracy or a throughput, ordered by instances and sparsity. Where a cell was
/// computed more than once, with different settings, the latest result is taken, with a line in
/// `notes`. A measurement may be in several cells, and a model as well. They point into `graph`.
std::vector<Cell> find_cells(const StageGraph& graph, const PipelineFacts& pipeline,
                             std::vector<std::string>& notes);

}  // namespace prumux::report

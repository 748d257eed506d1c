#pragma once

#include <cstddef>
#include <optional>
#include <set>

#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"
#include "core/pipeline/summary.h"
#include "core/prediction/grid.h"

namespace prumux::benchmarks {

/// Cells by index, in the order of the pipeline's grid.
using Cells = std::set<std::size_t>;

/// A run all of whose cells are there, seen as if only some had been computed.
class FinishedGrid {
 public:
  /// `plan` must outlive the grid. Throws `DataError` when a cell has no result.
  FinishedGrid(const pipeline::Plan& plan, const pipeline::RunFolder& folder);

  std::size_t size() const { return whole_.cells.size(); }
  const pipeline::CellSummary& cell(std::size_t index) const { return whole_.cells[index]; }

  /// The run after these cells and what they start from, as a sweep's lower sparsities.
  pipeline::Summary after(const Cells& cells) const;

  /// What the stages of `after(cells)` took; stages that cells share count once.
  double hours(const Cells& cells) const;

  /// The measurements of these cells.
  prediction::Grid measured(const Cells& cells) const;

  /// The fastest of these cells that is accurate enough.
  std::optional<std::size_t> best_of(const Cells& cells, double min_accuracy) const;

  Cells all() const;

 private:
  std::set<const pipeline::PlannedStage*> stages_of(const Cells& cells) const;

  const pipeline::Plan& plan_;
  pipeline::Summary whole_;
};

}  // namespace prumux::benchmarks

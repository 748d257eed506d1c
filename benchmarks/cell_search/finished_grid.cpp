#include "finished_grid.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "core/pipeline/collect.h"
#include "core/pipeline/stages/computing_time.h"
#include "prumux/error.h"

namespace prumux::benchmarks {
namespace {

constexpr double kSecondsOfAnHour = 3600.0;

}  // namespace

FinishedGrid::FinishedGrid(const pipeline::Plan& plan, const pipeline::RunFolder& folder)
    : plan_(plan), whole_(pipeline::collect(plan, folder)) {
  for (const pipeline::CellSummary& cell : whole_.cells) {
    if (cell.complete && cell.number("accuracy") && cell.number("throughput")) continue;
    throw DataError(fmt::format(
        "{} has no result for {} - expected a run all of whose cells have been benchmarked: "
        "prumux run PIPELINE --until benchmark",
        folder.path().string(), pipeline::describe_cell(cell.variables)));
  }
}

std::set<const pipeline::PlannedStage*> FinishedGrid::stages_of(const Cells& cells) const {
  std::set<const pipeline::PlannedStage*> stages;
  for (const std::size_t cell : cells) {
    stages.merge(plan_.needed_by(cell));
  }
  return stages;
}

pipeline::Summary FinishedGrid::after(const Cells& cells) const {
  const auto computed = stages_of(cells);
  const auto has_result = [&computed](const pipeline::PlannedStage& stage) {
    return computed.contains(&stage);
  };
  pipeline::Summary summary = whole_;
  for (std::size_t i = 0; i < size(); ++i) {
    std::vector<pipeline::StageResult> left;
    // Every stage has a result, so that the two lists are parallel.
    for (std::size_t stage = 0; stage < plan_.cells[i].size(); ++stage) {
      if (computed.contains(plan_.cells[i][stage])) left.push_back(whole_.cells[i].stages[stage]);
    }
    summary.cells[i].missing = pipeline::missing_stages(plan_, i, has_result);
    summary.cells[i].complete = left.size() == plan_.cells[i].size();
    summary.cells[i].stages = std::move(left);
  }
  return summary;
}

double FinishedGrid::hours(const Cells& cells) const {
  return pipeline::spent_seconds(after(cells)) / kSecondsOfAnHour;
}

prediction::Grid FinishedGrid::measured(const Cells& cells) const {
  std::vector<prediction::GridRow> rows;
  for (const std::size_t index : cells) {
    const pipeline::CellSummary& measured = cell(index);
    rows.push_back({whole_.name,
                    {measured.instances, measured.sparsity()},
                    {measured.number("accuracy"), measured.number("throughput")}});
  }
  return prediction::Grid(rows);
}

std::optional<std::size_t> FinishedGrid::best_of(const Cells& cells, double min_accuracy) const {
  std::optional<std::size_t> best;
  for (const std::size_t index : cells) {
    if (*cell(index).number("accuracy") < min_accuracy) continue;
    if (!best || *cell(index).number("throughput") > *cell(*best).number("throughput")) {
      best = index;
    }
  }
  return best;
}

Cells FinishedGrid::all() const {
  Cells cells;
  for (std::size_t i = 0; i < size(); ++i) cells.insert(i);
  return cells;
}

}  // namespace prumux::benchmarks

#include "core/pipeline/stages/computing_time.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <set>
#include <string>

namespace prumux::pipeline {
namespace {

struct Mean {
  double sum = 0.0;
  double count = 0.0;

  void add(double value) {
    sum += value;
    count += 1.0;
  }
  double value() const { return count > 0.0 ? sum / count : 0.0; }
};

/// Calls `visit` once for each stage with a result, with the first of its cells.
template <typename Visit>
void for_each_result(const Summary& summary, const Visit& visit) {
  std::set<std::filesystem::path> seen;
  for (const CellSummary& cell : summary.cells) {
    for (const StageResult& stage : cell.stages) {
      if (seen.insert(stage.folder).second) visit(cell, stage);
    }
  }
}

double expected_seconds_of(const std::string& id, const Summary& summary,
                           const CellSummary& wanted) {
  Mean all;
  Mean nearest;
  double distance = std::numeric_limits<double>::infinity();
  for_each_result(summary, [&](const CellSummary& cell, const StageResult& stage) {
    all.add(stage.seconds);
    if (stage.id != id) return;
    const double away = std::abs(
        std::log(static_cast<double>(cell.instances) / static_cast<double>(wanted.instances)));
    if (away > distance) return;
    if (away < distance) nearest = {};
    distance = away;
    nearest.add(stage.seconds);
  });
  return nearest.count > 0.0 ? nearest.value() : all.value();
}

}  // namespace

double spent_seconds(const Summary& summary) {
  double seconds = 0.0;
  for_each_result(summary, [&seconds](const CellSummary& /*cell*/, const StageResult& stage) {
    seconds += stage.seconds;
  });
  return seconds;
}

double expected_seconds(const Summary& summary, std::size_t cell) {
  double seconds = 0.0;
  for (const std::string& id : summary.cells[cell].missing) {
    seconds += expected_seconds_of(id, summary, summary.cells[cell]);
  }
  return seconds > 0.0 ? seconds : 1.0;
}

}  // namespace prumux::pipeline

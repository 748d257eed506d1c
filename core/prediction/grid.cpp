#include "core/prediction/grid.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>

#include "prumux/error.h"

namespace prumux::prediction {
namespace {

class Mean {
 public:
  void add(const std::optional<double>& value) {
    if (value) values_.push_back(*value);
  }

  std::optional<double> result() const {
    // A single value as it is: an average must not change its last digit.
    if (values_.size() <= 1) return values_.empty() ? std::nullopt : std::optional(values_[0]);
    double sum = 0.0;
    for (const double value : values_) sum += value;
    return sum / static_cast<double>(values_.size());
  }

 private:
  std::vector<double> values_;
};

struct CellMeans {
  Mean accuracy;
  Mean throughput;
};

}  // namespace

std::string describe(const Cell& cell) {
  return fmt::format("instances {}, sparsity {}", cell.instances, cell.sparsity);
}

Grid::Grid(const std::vector<GridRow>& rows) {
  std::map<std::string, std::map<Cell, CellMeans>> means;
  for (const GridRow& row : rows) {
    if (!means.contains(row.task)) tasks_.push_back({row.task, {}});
    CellMeans& cell = means[row.task][row.cell];
    cell.accuracy.add(row.measurement.accuracy);
    cell.throughput.add(row.measurement.throughput);
  }
  for (TaskGrid& task : tasks_) {
    for (const auto& [cell, mean] : means[task.name]) {
      task.cells[cell] = {mean.accuracy.result(), mean.throughput.result()};
    }
  }
}

std::string Grid::task_list() const {
  std::string names;
  for (const TaskGrid& task : tasks_) names += (names.empty() ? "" : ", ") + task.name;
  return names.empty() ? "none" : names;
}

const TaskGrid& Grid::task(std::string_view name) const {
  const auto found = std::ranges::find(tasks_, name, &TaskGrid::name);
  if (found == tasks_.end()) {
    throw ConfigError(fmt::format("the grid has no task '{}'; its tasks: {}", name, task_list()));
  }
  return *found;
}

const TaskGrid& Grid::task_or_only(const std::optional<std::string>& name) const {
  if (name) return task(*name);
  if (tasks_.size() != 1) {
    throw ConfigError(
        fmt::format("the grid has {} tasks, name one of them: {}", tasks_.size(), task_list()));
  }
  return tasks_.front();
}

}  // namespace prumux::prediction

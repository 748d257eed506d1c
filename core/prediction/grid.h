#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prumux::prediction {

/// One trained (or candidate) configuration.
struct Cell {
  std::int64_t instances = 1;  ///< Inputs that share one forward pass, >= 1.
  double sparsity = 0.0;       ///< Target share of removed encoder weights, in [0, 1).

  auto operator<=>(const Cell&) const = default;
};

/// The uncompressed model, to which losses of accuracy and speed-ups are relative.
inline constexpr Cell kBaseline{1, 0.0};

/// "instances 2, sparsity 0.6", for messages.
std::string describe(const Cell& cell);

/// What is known about a cell; empty: not measured.
struct Measurement {
  std::optional<double> accuracy;    ///< In [0, 1].
  std::optional<double> throughput;  ///< Examples per second, > 0.
};

struct GridRow {
  std::string task;
  Cell cell;
  Measurement measurement;
};

/// All cells of one task, ordered by instances, then by sparsity.
struct TaskGrid {
  std::string name;
  std::map<Cell, Measurement> cells;
};

/// Measurements of a grid of configurations, for one or more tasks.
class Grid {
 public:
  /// Rows of the same task and cell are averaged, each quantity over the rows that measured it.
  explicit Grid(const std::vector<GridRow>& rows);

  /// In the order of their first rows.
  const std::vector<TaskGrid>& tasks() const { return tasks_; }

  /// Throws `ConfigError` listing the tasks that are there.
  const TaskGrid& task(std::string_view name) const;

  /// The task called `name`; without a name the only task. Throws `ConfigError` listing the tasks.
  const TaskGrid& task_or_only(const std::optional<std::string>& name) const;

 private:
  std::string task_list() const;

  std::vector<TaskGrid> tasks_;
};

}  // namespace prumux::prediction

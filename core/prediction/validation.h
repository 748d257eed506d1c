#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/prediction/estimator.h"
#include "core/prediction/grid.h"
#include "core/prediction/model_factory.h"

namespace prumux::prediction {

inline constexpr double kAccuracyTolerance = 0.015;  ///< Absolute.
inline constexpr double kThroughputTolerance = 0.2;  ///< Relative.

/// A measurement, and what is predicted without it.
struct LeftOutValue {
  double measured = 0.0;
  std::optional<Estimate> predicted;  ///< Empty: the other cells do not determine it.
};

/// What was measured of a cell, and how it is predicted from all the other cells; the throughput
/// from the reference task, where there is one.
struct LeftOutCell {
  Cell cell;
  std::optional<LeftOutValue> accuracy{};
  std::optional<LeftOutValue> throughput{};
};

/// How good the predictions of one task are (spec 11.4, 11.5). Empty: not enough was measured.
struct Validation {
  std::string task;
  /// Share of the left-out cells (instances > 1, sparsity > 0) predicted to `kAccuracyTolerance`.
  std::optional<double> accuracy_within;
  /// Mean absolute error of the same predictions, by which models compare more finely.
  std::optional<double> accuracy_error;
  /// Share of the same kind of cells whose throughput is predicted to `kThroughputTolerance`: with
  /// a reference task from its speed-up over its own baseline, else from the task's other cells.
  std::optional<double> throughput_within;
  /// Mean relative error of the same predictions.
  std::optional<double> throughput_error;
  /// Share of the budgets 0, 0.005, ... 0.1 for which the truly best cell is among the three best
  /// predicted ones; accuracies of left-out cells, throughput measured on the reference task (on
  /// the task itself without one), extrapolated cells included.
  std::optional<double> top3_hit;
  std::vector<LeftOutCell> left_out;
};

/// Throws `ConfigError` for an unknown task, and what the models throw.
Validation cross_validate(const Grid& grid, const std::string& task,
                          const std::optional<std::string>& throughput_task,
                          const ModelFactory& models);

/// An object with one entry a task.
nlohmann::json to_json(const std::vector<Validation>& validations);

/// A table for people.
std::string to_text(const std::vector<Validation>& validations);

}  // namespace prumux::prediction

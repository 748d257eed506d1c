#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/prediction/grid.h"
#include "core/prediction/model_factory.h"
#include "core/prediction/ranking.h"

namespace prumux::prediction {

struct RecommendationOptions {
  std::string task;

  /// The task whose throughput stands for that of every task; empty: `task` itself.
  std::optional<std::string> throughput_task;

  /// Exactly one of the two: the least accuracy, or the largest loss against `kBaseline`.
  std::optional<double> min_accuracy;
  std::optional<double> max_loss;

  std::size_t top = 3;

  /// Empty: all cells of `task`, and those of `throughput_task`.
  std::optional<std::vector<Cell>> candidates;

  /// Also recommend cells whose accuracy or throughput lies outside of the measurements.
  bool allow_extrapolation = false;
};

/// Throws `ConfigError` for options that are wrong whatever the grid: not exactly one bound, a
/// bound out of range.
void check_options(const RecommendationOptions& options);

struct Recommendations {
  std::string task;
  std::string throughput_task;
  double min_accuracy = 0.0;                  ///< The bound that was applied.
  std::optional<double> baseline_accuracy;    ///< Of `kBaseline`, where measured.
  std::optional<double> baseline_throughput;  ///< Of `kBaseline`, where measured.
  std::vector<Recommendation> best;           ///< The fastest first; never empty.
};

/// Every candidate whose accuracy and throughput are measured or can be estimated, by cell,
/// whatever the bound; the fastest first. Throws as `recommend`, but for bounds.
std::vector<Recommendation> estimates(const Grid& grid, const RecommendationOptions& options,
                                      const ModelFactory& models);

/// The fastest cells that are accurate enough (Auto-PruMUX objective, spec 11.3): throughput where
/// accuracy >= bound; ties go to the higher accuracy. Measured values are used where they exist.
/// Throws what `check_options` does, `ConfigError` for an unknown task, and `DataError`
/// (nothing to fit, no baseline for `max_loss`, no cell accurate enough: says the best there is).
Recommendations recommend(const Grid& grid, const RecommendationOptions& options,
                          const ModelFactory& models);

/// A list, each with `instances`, `sparsity`, `accuracy`, `throughput`, `accuracy_source`,
/// `throughput_source`, `extrapolated`.
nlohmann::json to_json(const std::vector<Recommendation>& recommendations);

/// As `prumux predict` prints it: `recommendations`, the best first, and what they relate to.
nlohmann::json to_json(const Recommendations& recommendations);

/// A table for people.
std::string to_text(const Recommendations& recommendations);

}  // namespace prumux::prediction

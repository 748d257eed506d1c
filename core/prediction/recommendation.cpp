#include "core/prediction/recommendation.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "core/prediction/ranking.h"
#include "prumux/error.h"

namespace prumux::prediction {
namespace {

double accuracy_bound(const RecommendationOptions& options, const Measurement& baseline) {
  if (options.min_accuracy) return *options.min_accuracy;
  if (!baseline.accuracy) {
    throw DataError(fmt::format(
        "a maximum loss is relative to the accuracy at {}, which is not measured for task '{}'; "
        "add it to the grid, or give a minimum accuracy",
        describe(kBaseline), options.task));
  }
  return *baseline.accuracy - *options.max_loss;
}

std::set<Cell> candidate_cells(const RecommendationOptions& options, const TaskGrid& task,
                               const TaskGrid& reference) {
  if (options.candidates) return {options.candidates->begin(), options.candidates->end()};
  std::set<Cell> cells;
  for (const auto& [cell, measurement] : task.cells) cells.insert(cell);
  for (const auto& [cell, measurement] : reference.cells) cells.insert(cell);
  return cells;
}

void expect_throughput(const TaskGrid& reference) {
  const bool any = std::ranges::any_of(
      reference.cells, [](const auto& entry) { return entry.second.throughput.has_value(); });
  if (!any) {
    throw DataError(fmt::format(
        "no throughput is measured for task '{}'; measure one, or name another task whose "
        "throughput to use (--throughput-task)",
        reference.name));
  }
}

/// Why nothing can be recommended; `all` is not empty.
std::string nothing_feasible(const std::vector<Recommendation>& all, double bound,
                             const RecommendationOptions& options) {
  const Recommendation* best = nullptr;
  std::size_t excluded = 0;
  for (const Recommendation& candidate : all) {
    if (candidate.extrapolated() && !options.allow_extrapolation) {
      excluded += candidate.accuracy.value >= bound - kRoundingSlack ? 1 : 0;
    } else if (best == nullptr || candidate.accuracy.value > best->accuracy.value) {
      best = &candidate;
    }
  }
  std::string message =
      fmt::format("no candidate of task '{}' reaches the accuracy {:.4g}", options.task, bound);
  if (best != nullptr) {
    message += fmt::format(
        "; the best there is: {:.4g} ({}) at {}; lower the minimum or allow a larger "
        "loss",
        best->accuracy.value, to_string(best->accuracy.source), describe(best->cell));
  }
  if (excluded > 0) {
    message += fmt::format(
        "; {} would reach it by extrapolation beyond the measurements, which "
        "--allow-extrapolation admits",
        excluded);
  }
  return message;
}

}  // namespace

void check_options(const RecommendationOptions& options) {
  if (options.min_accuracy.has_value() == options.max_loss.has_value()) {
    throw ConfigError(
        "a recommendation needs exactly one of a minimum accuracy (--min-accuracy 0.9) and a "
        "maximum loss (--max-loss 0.01)");
  }
  if (options.min_accuracy && !(*options.min_accuracy >= 0.0 && *options.min_accuracy <= 1.0)) {
    throw ConfigError(
        fmt::format("the minimum accuracy must be in [0, 1], found {}; 90 percent is 0.9",
                    *options.min_accuracy));
  }
  if (options.max_loss && !(*options.max_loss >= 0.0 && *options.max_loss < 1.0)) {
    throw ConfigError(
        fmt::format("the maximum loss must be in [0, 1), found {}; 1 point of accuracy is 0.01",
                    *options.max_loss));
  }
  if (options.top == 0) throw ConfigError("at least one recommendation must be asked for");
}

std::vector<Recommendation> estimates(const Grid& grid, const RecommendationOptions& options,
                                      const ModelFactory& models) {
  const TaskGrid& task = grid.task(options.task);
  const TaskGrid& reference = grid.task(options.throughput_task.value_or(options.task));
  expect_throughput(reference);
  Estimator accuracy(task, Quantity::accuracy, models);
  Estimator throughput(reference, Quantity::throughput, models);
  std::vector<Recommendation> all;
  for (const Cell& cell : candidate_cells(options, task, reference)) {
    const auto cell_accuracy = accuracy.estimate(cell);
    const auto cell_throughput = throughput.estimate(cell);
    if (cell_accuracy && cell_throughput) all.push_back({cell, *cell_accuracy, *cell_throughput});
  }
  if (all.empty()) {
    throw DataError(fmt::format(
        "no accuracy of task '{}' is measured from which a candidate's could be predicted",
        options.task));
  }
  keep_best(all, -std::numeric_limits<double>::infinity(), all.size());
  return all;
}

Recommendations recommend(const Grid& grid, const RecommendationOptions& options,
                          const ModelFactory& models) {
  check_options(options);
  const TaskGrid& task = grid.task(options.task);
  const TaskGrid& reference = grid.task(options.throughput_task.value_or(options.task));
  const auto found = task.cells.find(kBaseline);
  const Measurement baseline = found == task.cells.end() ? Measurement{} : found->second;
  const double bound = accuracy_bound(options, baseline);
  const std::vector<Recommendation> all = estimates(grid, options, models);
  Recommendations result;
  result.task = task.name;
  result.throughput_task = reference.name;
  result.min_accuracy = bound;
  result.baseline_accuracy = baseline.accuracy;
  if (const auto cell = reference.cells.find(kBaseline); cell != reference.cells.end()) {
    result.baseline_throughput = cell->second.throughput;
  }
  std::ranges::copy_if(all, std::back_inserter(result.best), [&](const Recommendation& candidate) {
    return options.allow_extrapolation || !candidate.extrapolated();
  });
  keep_best(result.best, bound, options.top);
  if (result.best.empty()) throw DataError(nothing_feasible(all, bound, options));
  return result;
}

}  // namespace prumux::prediction

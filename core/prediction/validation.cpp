#include "core/prediction/validation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/prediction/ranking.h"

namespace prumux::prediction {
namespace {

constexpr int kBudgets = 21;
constexpr double kBudgetsPerUnit = 200.0;  // budgets 0, 1/200, 2/200, ...
constexpr std::size_t kTop = 3;

class Share {
 public:
  void count(bool hit) {
    hits_ += hit ? 1 : 0;
    ++total_;
  }

  std::optional<double> value() const {
    if (total_ == 0) return std::nullopt;
    return static_cast<double>(hits_) / total_;
  }

 private:
  int hits_ = 0;
  int total_ = 0;
};

Measurement baseline_of(const TaskGrid& task) {
  const auto found = task.cells.find(kBaseline);
  return found == task.cells.end() ? Measurement{} : found->second;
}

std::vector<LeftOutCell> leave_each_out(const TaskGrid& task, const ModelFactory& models) {
  std::vector<LeftOutCell> left_out;
  for (const auto& [cell, measurement] : task.cells) {
    if (!is_compressed_twice(cell) || !measurement.accuracy) continue;
    Estimator others(task, Quantity::accuracy, models, cell);
    left_out.push_back({cell, *measurement.accuracy, others.estimate(cell)});
  }
  return left_out;
}

std::optional<double> accuracy_within(const std::vector<LeftOutCell>& left_out) {
  Share share;
  for (const LeftOutCell& cell : left_out) {
    if (!cell.predicted) continue;
    const double error = std::abs(cell.predicted->value - cell.accuracy);
    share.count(error <= kAccuracyTolerance + kRoundingSlack);
  }
  return share.value();
}

bool is_near(double predicted, double measured) {
  return std::abs(predicted - measured) <= (kThroughputTolerance + kRoundingSlack) * measured;
}

std::optional<double> throughput_within_others(const TaskGrid& task, const ModelFactory& models) {
  Share share;
  for (const auto& [cell, measurement] : task.cells) {
    if (!is_compressed_twice(cell) || !measurement.throughput) continue;
    Estimator others(task, Quantity::throughput, models, cell);
    const auto predicted = others.estimate(cell);
    if (predicted) share.count(is_near(predicted->value, *measurement.throughput));
  }
  return share.value();
}

std::optional<double> throughput_within_reference(const TaskGrid& task, const TaskGrid& reference,
                                                  const ModelFactory& models) {
  // Speed-ups where both baselines are known, since tasks differ in what an example costs.
  const auto own = baseline_of(task).throughput;
  const auto other = baseline_of(reference).throughput;
  const double scale = own && other ? *own / *other : 1.0;
  Estimator estimator(reference, Quantity::throughput, models);
  Share share;
  for (const auto& [cell, measurement] : task.cells) {
    if (!is_compressed_twice(cell) || !measurement.throughput) continue;
    const auto predicted = estimator.estimate(cell);
    if (predicted) share.count(is_near(predicted->value * scale, *measurement.throughput));
  }
  return share.value();
}

/// Every cell of the task with both measurements, as measured.
std::vector<Recommendation> measured_cells(const TaskGrid& task) {
  std::vector<Recommendation> cells;
  for (const auto& [cell, measurement] : task.cells) {
    if (measurement.accuracy && measurement.throughput) {
      cells.push_back({cell, {*measurement.accuracy}, {*measurement.throughput}});
    }
  }
  return cells;
}

/// The same cells with the accuracies predicted without them, and the reference's throughput.
std::vector<Recommendation> predicted_cells(const std::vector<Recommendation>& measured,
                                            const std::vector<LeftOutCell>& left_out,
                                            const TaskGrid& reference, const ModelFactory& models) {
  Estimator throughput(reference, Quantity::throughput, models);
  std::vector<Recommendation> cells;
  for (const Recommendation& known : measured) {
    std::optional<Estimate> accuracy = known.accuracy;
    const auto found = std::ranges::find(left_out, known.cell, &LeftOutCell::cell);
    if (found != left_out.end()) accuracy = found->predicted;
    const auto speed = throughput.estimate(known.cell);
    if (accuracy && speed) cells.push_back({known.cell, *accuracy, *speed});
  }
  return cells;
}

std::optional<double> top3_hit(const TaskGrid& task, const TaskGrid& reference,
                               const std::vector<LeftOutCell>& left_out,
                               const ModelFactory& models) {
  const auto baseline = baseline_of(task).accuracy;
  if (!baseline || !accuracy_within(left_out)) return std::nullopt;
  const std::vector<Recommendation> measured = measured_cells(task);
  const std::vector<Recommendation> predicted =
      predicted_cells(measured, left_out, reference, models);
  Share share;
  for (int i = 0; i < kBudgets; ++i) {
    const double bound = *baseline - i / kBudgetsPerUnit;
    std::vector<Recommendation> truth = measured;
    keep_best(truth, bound, 1);
    if (truth.empty()) continue;
    std::vector<Recommendation> guesses = predicted;
    keep_best(guesses, bound, kTop);
    share.count(std::ranges::find(guesses, truth.front().cell, &Recommendation::cell) !=
                guesses.end());
  }
  return share.value();
}

}  // namespace

Validation cross_validate(const Grid& grid, const std::string& task_name,
                          const std::optional<std::string>& throughput_task,
                          const ModelFactory& models) {
  const TaskGrid& task = grid.task(task_name);
  const TaskGrid& reference = grid.task(throughput_task.value_or(task_name));
  Validation validation;
  validation.task = task.name;
  validation.left_out = leave_each_out(task, models);
  validation.accuracy_within = accuracy_within(validation.left_out);
  validation.throughput_within = throughput_task
                                     ? throughput_within_reference(task, reference, models)
                                     : throughput_within_others(task, models);
  validation.top3_hit = top3_hit(task, reference, validation.left_out, models);
  return validation;
}

}  // namespace prumux::prediction

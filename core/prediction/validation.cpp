#include "core/prediction/validation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/prediction/ranking.h"

namespace prumux::prediction {
namespace {

constexpr int kBudgets = 21;
constexpr double kBudgetsPerUnit = 200.0;  // budgets 0, 1/200, 2/200, ...
constexpr std::size_t kTop = 3;

/// Errors of some predictions.
class Errors {
 public:
  explicit Errors(double tolerance) : tolerance_(tolerance) {}

  void count(double error) {
    hits_ += error <= tolerance_ + kRoundingSlack ? 1 : 0;
    sum_ += error;
    ++total_;
  }

  std::optional<double> share_within() const { return mean_of(hits_); }
  std::optional<double> mean() const { return mean_of(sum_); }

 private:
  std::optional<double> mean_of(double sum) const {
    if (total_ == 0) return std::nullopt;
    return sum / total_;
  }

  double tolerance_;
  int hits_ = 0;
  double sum_ = 0.0;
  int total_ = 0;
};

Measurement baseline_of(const TaskGrid& task) {
  const auto found = task.cells.find(kBaseline);
  return found == task.cells.end() ? Measurement{} : found->second;
}

/// Predicts the throughputs of one task from those of another: its speed-ups where both baselines
/// are known, since tasks differ in what an example costs.
class ReferenceThroughput {
 public:
  ReferenceThroughput(const TaskGrid& task, const TaskGrid& reference, const ModelFactory& models)
      : estimator_(reference, Quantity::throughput, models) {
    const auto own = baseline_of(task).throughput;
    const auto other = baseline_of(reference).throughput;
    if (own && other) scale_ = *own / *other;
  }

  std::optional<Estimate> estimate(const Cell& cell) {
    std::optional<Estimate> estimate = estimator_.estimate(cell);
    if (!estimate) return estimate;
    estimate->value *= scale_;
    if (estimate->uncertainty) *estimate->uncertainty *= scale_;
    return estimate;
  }

 private:
  Estimator estimator_;
  double scale_ = 1.0;
};

/// `reference`: empty to predict throughputs as accuracies, from the task's other cells.
std::vector<LeftOutCell> leave_each_out(const TaskGrid& task,
                                        std::optional<ReferenceThroughput> reference,
                                        const ModelFactory& models) {
  std::vector<LeftOutCell> left_out;
  for (const auto& [key, measurement] : task.cells) {
    const auto& cell = key;  // A structured binding cannot be captured.
    if (!is_compressed_twice(cell)) continue;
    const auto from_others = [&](Quantity quantity) {
      return Estimator(task, quantity, models, cell).estimate(cell);
    };
    LeftOutCell left{cell};
    if (measurement.accuracy) {
      left.accuracy = {*measurement.accuracy, from_others(Quantity::accuracy)};
    }
    if (measurement.throughput) {
      left.throughput = {*measurement.throughput,
                         reference ? reference->estimate(cell) : from_others(Quantity::throughput)};
    }
    if (left.accuracy || left.throughput) left_out.push_back(left);
  }
  return left_out;
}

Errors accuracy_errors(const std::vector<LeftOutCell>& left_out) {
  Errors errors(kAccuracyTolerance);
  for (const LeftOutCell& cell : left_out) {
    if (!cell.accuracy || !cell.accuracy->predicted) continue;
    errors.count(std::abs(cell.accuracy->predicted->value - cell.accuracy->measured));
  }
  return errors;
}

Errors throughput_errors(const std::vector<LeftOutCell>& left_out) {
  Errors errors(kThroughputTolerance);
  for (const LeftOutCell& cell : left_out) {
    if (!cell.throughput || !cell.throughput->predicted) continue;
    const double measured = cell.throughput->measured;
    errors.count(std::abs(cell.throughput->predicted->value - measured) / measured);
  }
  return errors;
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
    if (found != left_out.end()) accuracy = found->accuracy->predicted;
    const auto speed = throughput.estimate(known.cell);
    if (accuracy && speed) cells.push_back({known.cell, *accuracy, *speed});
  }
  return cells;
}

std::optional<double> top3_hit(const TaskGrid& task, const TaskGrid& reference,
                               const std::vector<LeftOutCell>& left_out,
                               const ModelFactory& models) {
  const auto baseline = baseline_of(task).accuracy;
  if (!baseline || !accuracy_errors(left_out).mean()) return std::nullopt;
  const std::vector<Recommendation> measured = measured_cells(task);
  const std::vector<Recommendation> predicted =
      predicted_cells(measured, left_out, reference, models);
  int hits = 0;
  int budgets = 0;
  for (int i = 0; i < kBudgets; ++i) {
    const double bound = *baseline - i / kBudgetsPerUnit;
    std::vector<Recommendation> truth = measured;
    keep_best(truth, bound, 1);
    if (truth.empty()) continue;
    std::vector<Recommendation> guesses = predicted;
    keep_best(guesses, bound, kTop);
    const bool hit =
        std::ranges::find(guesses, truth.front().cell, &Recommendation::cell) != guesses.end();
    hits += hit ? 1 : 0;
    ++budgets;
  }
  if (budgets == 0) return std::nullopt;
  return static_cast<double>(hits) / budgets;
}

}  // namespace

Validation cross_validate(const Grid& grid, const std::string& task_name,
                          const std::optional<std::string>& throughput_task,
                          const ModelFactory& models) {
  const TaskGrid& task = grid.task(task_name);
  const TaskGrid& reference = grid.task(throughput_task.value_or(task_name));
  Validation validation;
  validation.task = task.name;
  std::optional<ReferenceThroughput> other;
  if (throughput_task) other.emplace(task, reference, models);
  validation.left_out = leave_each_out(task, std::move(other), models);
  const Errors accuracy = accuracy_errors(validation.left_out);
  validation.accuracy_within = accuracy.share_within();
  validation.accuracy_error = accuracy.mean();
  const Errors throughput = throughput_errors(validation.left_out);
  validation.throughput_within = throughput.share_within();
  validation.throughput_error = throughput.mean();
  validation.top3_hit = top3_hit(task, reference, validation.left_out, models);
  return validation;
}

}  // namespace prumux::prediction

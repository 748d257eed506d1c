#include "core/pipeline/stages/cell_search.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/config/scalar.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

constexpr double kSecondsOfAnHour = 3600.0;

std::vector<prediction::Candidate> candidates_of(const Summary& summary) {
  std::vector<prediction::Candidate> candidates;
  for (const CellSummary& cell : summary.cells) {
    prediction::Candidate candidate;
    for (const auto& [name, value] : cell.variables) {
      candidate.configuration[name] = config::parse_real(value).value_or(0.0);
    }
    candidate.measurement = {cell.number("accuracy"), cell.number("throughput")};
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

/// What the stages of the measured cells took; stages that cells share count once.
double seconds_of(const Summary& summary, const std::vector<prediction::Candidate>& candidates) {
  double seconds = 0.0;
  std::set<std::filesystem::path> counted;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].is_measured()) continue;
    for (const StageResult& stage : summary.cells[i].stages) {
      if (counted.insert(stage.folder).second) seconds += stage.seconds;
    }
  }
  return seconds;
}

bool is_plain(const CellSummary& cell) { return cell.instances == 1 && cell.sparsity() == 0.0; }

}  // namespace

CellSearch::CellSearch(const SearchGoal& goal, prediction::ModelFactory models)
    : goal_(goal), models_(std::move(models)) {}

std::optional<double> CellSearch::accuracy_bound(const Summary& summary) const {
  if (goal_.min_accuracy) return goal_.min_accuracy;
  if (std::ranges::none_of(summary.cells, is_plain)) {
    throw DataError(
        "max_loss is relative to the cell of 1 instance and sparsity 0, which the grid does not "
        "have - add it to the grid, or set min_accuracy instead");
  }
  std::optional<double> best;
  for (const CellSummary& cell : summary.cells) {
    const std::optional<double> accuracy = cell.number("accuracy");
    if (is_plain(cell) && cell.number("throughput") && accuracy) {
      best = std::max(best.value_or(0.0), *accuracy);
    }
  }
  return best ? std::optional(*best - *goal_.max_loss) : std::nullopt;
}

bool CellSearch::is_out_of_time(const SearchStep& step) const {
  if (goal_.hours == 0.0 || step.measured == 0) return false;
  const double next = step.seconds / static_cast<double>(step.measured);
  return step.seconds + next > goal_.hours * kSecondsOfAnHour;
}

SearchStep CellSearch::decide(const Summary& summary) const {
  const std::vector<prediction::Candidate> candidates = candidates_of(summary);
  SearchStep step;
  step.min_accuracy = accuracy_bound(summary);
  step.measured = static_cast<std::size_t>(
      std::ranges::count_if(candidates, &prediction::Candidate::is_measured));
  step.seconds = seconds_of(summary, candidates);
  if (step.min_accuracy) step.best = prediction::best_measured(candidates, *step.min_accuracy);
  if (is_out_of_time(step)) {
    step.reason = fmt::format("another cell would take more than the {:g} hours", goal_.hours);
    return step;
  }
  for (const std::size_t corner : prediction::corners(candidates)) {
    if (candidates[corner].is_measured()) continue;
    step.next = corner;
    step.reason = "a corner of the grid";
    return step;
  }
  if (step.measured == candidates.size()) {
    step.reason = "every cell is measured";
    return step;
  }
  const auto promise = prediction::most_promising(candidates, *step.min_accuracy, models_);
  const double fastest = step.best ? *candidates[*step.best].measurement.throughput : 0.0;
  const std::string prospect = fmt::format(
      "predicted accuracy {:.3f}, {:.0f} % to be at least {:.3f}; {:.0f} examples/s against {:.0f} "
      "of the best so far",
      promise->accuracy.value, 100.0 * promise->chance, *step.min_accuracy,
      promise->throughput.value, fastest);
  const std::string name = describe_cell(summary.cells[promise->candidate].variables);
  if (promise->gain <= goal_.min_gain * fastest) {
    step.reason =
        fmt::format("no other cell promises enough; the next would be {}: {}", name, prospect);
    return step;
  }
  step.next = promise->candidate;
  step.reason = prospect;
  return step;
}

std::optional<std::size_t> CellSearch::next(const Summary& summary) const {
  const SearchStep step = decide(summary);
  if (step.next) {
    spdlog::info("[tune] cell {} of at most {}: {} ({})", step.measured + 1, summary.cells.size(),
                 describe_cell(summary.cells[*step.next].variables), step.reason);
  }
  return step.next;
}

}  // namespace prumux::pipeline

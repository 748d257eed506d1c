#include "core/pipeline/stages/cell_search.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "core/config/scalar.h"
#include "core/pipeline/stages/computing_time.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

constexpr double kSecondsOfAnHour = 3600.0;
/// Less likely successes are not tried, however much they would gain.
constexpr double kLeastChance = 0.01;

std::vector<prediction::Candidate> candidates_of(const Summary& summary) {
  std::vector<prediction::Candidate> candidates;
  for (const CellSummary& cell : summary.cells) {
    prediction::Candidate candidate;
    for (const auto& [name, value] : cell.variables) {
      candidate.configuration[name] = config::parse_real(value).value_or(0.0);
    }
    if (cell.complete) {
      candidate.measurement = {cell.number("accuracy"), cell.number("throughput")};
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace

CellSearch::CellSearch(const SearchGoal& goal, prediction::ModelFactory models)
    : goal_(goal), models_(std::move(models)) {}

std::optional<double> CellSearch::accuracy_bound(const Summary& summary) const {
  if (goal_.min_accuracy) return goal_.min_accuracy;
  if (std::ranges::none_of(summary.cells, &CellSummary::is_plain)) {
    throw DataError(
        "max_loss is relative to the cell of 1 instance and sparsity 0, which the grid does not "
        "have - add it to the grid, or set min_accuracy instead");
  }
  std::optional<double> best;
  for (const CellSummary& cell : summary.cells) {
    const std::optional<double> accuracy = cell.number("accuracy");
    if (!cell.is_plain() || !cell.complete || !accuracy) continue;
    best = best ? std::max(*best, *accuracy) : *accuracy;
  }
  return best ? std::optional(*best - *goal_.max_loss) : std::nullopt;
}

bool CellSearch::is_out_of_time(const Summary& summary, const SearchStep& step) const {
  if (goal_.hours == 0.0 || step.measured == 0) return false;
  return step.seconds + expected_seconds(summary, *step.next) > goal_.hours * kSecondsOfAnHour;
}

bool CellSearch::promises_enough(const prediction::Promise& promise, double fastest) const {
  return promise.chance >= kLeastChance &&
         (!promise.gain || *promise.gain > goal_.min_gain * fastest);
}

void CellSearch::check_models(std::vector<prediction::Candidate> candidates) const {
  double value = 0.0;
  for (const std::size_t cell : prediction::beginning(candidates)) {
    value += 1.0;
    candidates[cell].measurement = {1.0 / value, value};
  }
  prediction::promises(candidates, 0.5, models_);
}

SearchStep CellSearch::decide(const Summary& summary) const {
  const std::vector<prediction::Candidate> candidates = candidates_of(summary);
  SearchStep step;
  step.min_accuracy = accuracy_bound(summary);
  step.measured = static_cast<std::size_t>(
      std::ranges::count_if(candidates, &prediction::Candidate::is_measured));
  step.seconds = spent_seconds(summary);
  if (step.min_accuracy) step.best = prediction::best_measured(candidates, *step.min_accuracy);
  // Before anything is computed, rather than after the first cells.
  if (step.measured == 0) check_models(candidates);
  choose(summary, candidates, step);
  if (step.next && is_out_of_time(summary, step)) {
    step.next.reset();
    step.reason = fmt::format("the next cell would probably end after the {:g} hours", goal_.hours);
  }
  return step;
}

void CellSearch::choose(const Summary& summary,
                        const std::vector<prediction::Candidate>& candidates,
                        SearchStep& step) const {
  for (const std::size_t cell : prediction::beginning(candidates)) {
    if (candidates[cell].is_measured()) continue;
    if (step.min_accuracy && prediction::highest_chance(candidates[cell], *step.min_accuracy,
                                                        candidates) < kLeastChance) {
      continue;
    }
    step.next = cell;
    step.reason = "where every search begins";
    return;
  }
  if (step.measured == candidates.size()) {
    step.reason = "every cell is measured";
    return;
  }
  if (!step.min_accuracy) throw DataError("max_loss has no measured cell to be relative to");
  const auto promises = prediction::promises(candidates, *step.min_accuracy, models_);
  const double fastest = step.best ? *candidates[*step.best].measurement.throughput : 0.0;
  const auto prospect = [&](const prediction::Promise& promise) {
    return fmt::format(
        "predicted accuracy {:.3f}, {:.0f} % to be at least {:.3f}; {:.0f} examples/s against "
        "{:.0f} of the best so far",
        promise.accuracy.value, 100.0 * promise.chance, *step.min_accuracy,
        promise.throughput.value, fastest);
  };
  const auto worth = [&](const prediction::Promise& promise) {
    return promise.gain ? *promise.gain / expected_seconds(summary, promise.candidate)
                        : promise.chance;
  };
  const prediction::Promise* next = nullptr;
  for (const prediction::Promise& promise : promises) {
    if (!promises_enough(promise, fastest)) continue;
    if (next == nullptr || worth(promise) > worth(*next)) next = &promise;
  }
  if (next == nullptr) {
    const auto best = std::ranges::max_element(
        promises, {},
        [](const prediction::Promise& promise) { return promise.gain.value_or(promise.chance); });
    step.reason =
        fmt::format("no other cell promises enough; the next would be {}: {}",
                    describe_cell(summary.cells[best->candidate].variables), prospect(*best));
    return;
  }
  step.next = next->candidate;
  step.reason = prospect(*next);
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

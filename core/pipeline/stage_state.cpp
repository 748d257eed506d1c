#include "core/pipeline/stage_state.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace prumux::pipeline {
namespace {

constexpr std::size_t kMaximumChanges = 4;

/// How the stage differs from the earlier result that is most like it.
std::optional<std::vector<std::string>> changes(const PlannedStage& stage, const Plan& plan,
                                                const RunFolder& run) {
  const std::vector<StageLock> results = run.results_called(stage.id);
  if (results.empty()) return std::nullopt;
  std::set<std::string> in_use;
  for (const PlannedStage* planned : plan.in_order()) in_use.insert(planned->key);
  std::optional<std::vector<std::string>> fewest;
  for (const StageLock& lock : results) {
    if (in_use.contains(lock.key)) continue;
    std::vector<std::string> found = differences(lock.record, stage.record);
    if (!fewest || found.size() < fewest->size()) fewest = std::move(found);
  }
  return fewest;
}

std::string shortened(std::vector<std::string> texts) {
  if (texts.size() <= kMaximumChanges) return fmt::format("{}", fmt::join(texts, "; "));
  const std::size_t left_out = texts.size() - kMaximumChanges;
  texts.resize(kMaximumChanges);
  return fmt::format("{}; and {} more", fmt::join(texts, "; "), left_out);
}

}  // namespace

StageState state_of(const PlannedStage& stage, const Plan& plan, const RunFolder& run) {
  if (!stage.kind->is_reusable()) return {Status::every_time, "runs every time"};
  if (const std::optional<StageLock> lock = run.lock_of(stage)) {
    if (!lock->damage.empty()) return {Status::stale, "stale: " + lock->damage};
    if (lock->complete) {
      return {Status::up_to_date, fmt::format("up to date: nothing that determines it has changed "
                                              "since {}",
                                              lock->finished)};
    }
    const auto step = stage.kind->partial_step(run.of(stage));
    return {Status::partial, step ? fmt::format("partial: interrupted, goes on at step {}", *step)
                                  : "partial: interrupted, starts again"};
  }
  if (auto changed = changes(stage, plan, run)) {
    return {Status::stale, "stale: " + shortened(std::move(*changed))};
  }
  return {Status::missing, "not computed yet"};
}

std::string to_string(Status status) {
  switch (status) {
    case Status::up_to_date:
      return "up_to_date";
    case Status::partial:
      return "partial";
    case Status::stale:
      return "stale";
    case Status::missing:
      return "missing";
    case Status::every_time:
      return "every_time";
  }
  return "";
}

}  // namespace prumux::pipeline

#include "core/pipeline/engine.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <list>
#include <set>
#include <thread>

#include "core/config/nearest.h"
#include "core/config/print.h"
#include "core/io/atomic_file.h"
#include "core/pipeline/cell_chooser.h"
#include "core/pipeline/changed_files.h"
#include "core/pipeline/collect.h"
#include "core/pipeline/discard.h"
#include "core/pipeline/folder_lock.h"
#include "core/plugin/error_context.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

/// Between two looks at stages in which other processes work.
constexpr std::chrono::milliseconds kWaitingInterval(200);

constexpr const char* kCheckpoints = "checkpoints";

std::string utc_now() {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
}

void require_stage(const std::optional<std::string>& id, const char* option,
                   const std::vector<std::string>& ids) {
  if (!id || std::find(ids.begin(), ids.end(), *id) != ids.end()) return;
  throw ConfigError(
      fmt::format("{} {}: no such stage - {}", option, *id, config::suggestion(*id, ids)));
}

/// The stages to be computed again: the forced one, and all that reads from it.
std::set<const PlannedStage*> forced_stages(const Plan& plan, const RunOptions& options) {
  std::set<const PlannedStage*> forced;
  if (!options.force) return forced;
  for (const PlannedStage* stage : plan.in_order()) {
    const bool reads_forced =
        std::any_of(stage->inputs.begin(), stage->inputs.end(),
                    [&](const auto& input) { return forced.contains(input.second); });
    if (stage->id == *options.force || reads_forced ||
        (stage->kind->runs_after_cells() && !forced.empty())) {
      forced.insert(stage);
    }
  }
  return forced;
}

/// The stages up to and including `until`, in the order of the file.
std::set<std::string> wanted_ids(const Plan& plan, const RunOptions& options) {
  std::set<std::string> wanted;
  for (const std::string& id : plan.ids()) {
    wanted.insert(id);
    if (options.until == id) break;
  }
  return wanted;
}

/// Of the stage that chooses among the cells, if one of the `wanted` does.
std::unique_ptr<CellChooser> chooser_of(const Plan& plan, const std::set<std::string>& wanted) {
  for (const auto& stage : plan.after_cells) {
    if (!wanted.contains(stage->id)) continue;
    if (auto chooser = stage->kind->cell_chooser(stage->request())) return chooser;
  }
  return nullptr;
}

class Runner {
 public:
  Runner(const Plan& plan, const RunFolder& folder, const RunOptions& options)
      : plan_(plan),
        folder_(folder),
        options_(options),
        forced_(forced_stages(plan, options)),
        wanted_(wanted_ids(plan, options)) {}

  Summary run() {
    const std::vector<PlannedAction> actions = preview(plan_, folder_, options_);
    for (const PlannedAction& action : actions) {
      if (action.runs) action.stage->kind->check(action.stage->request());
    }
    io::write_file_atomically(folder_.path() / "resolved.yaml",
                              config::to_yaml(plan_.definition.config, true));
    const std::set<const PlannedStage*> outdated = discard_forced();
    try {
      run_stages(outdated);
    } catch (const Interrupted& stop) {
      if (!options_.force) throw;
      throw Interrupted(fmt::format("{} - without --force, which would begin anew", stop.what()));
    }
    return collect(plan_, folder_);
  }

 private:
  bool is_wanted(const PlannedStage& stage) const { return wanted_.contains(stage.id); }

  Summary collected() const {
    return collect(plan_, folder_, [this](const PlannedStage& stage) { return is_wanted(stage); });
  }

  /// Deletes what the stages to be computed again have, once and before any of them runs: whoever
  /// goes on with this run, another process or a later command, sees the same stages missing.
  /// Returns those that had a result.
  std::set<const PlannedStage*> discard_forced() const {
    std::set<const PlannedStage*> had_result;
    for (const PlannedStage* stage : plan_.in_order()) {
      const std::filesystem::path folder = folder_.of(*stage);
      if (!forced_.contains(stage) || !is_wanted(*stage) || !std::filesystem::exists(folder)) {
        continue;
      }
      const FolderLock lock = wait_for(folder);
      const std::optional<StageLock> found = folder_.lock_of(*stage);
      if (found && found->has_result()) had_result.insert(stage);
      discard_result(folder);
    }
    return had_result;
  }

  void run_stages(const std::set<const PlannedStage*>& outdated) {
    if (const auto chooser = chooser_of(plan_, wanted_)) {
      run_chosen_cells(*chooser, outdated);
    } else {
      complete([](const PlannedStage& stage) { return !stage.kind->runs_after_cells(); });
    }
    complete([](const PlannedStage& stage) { return stage.kind->runs_after_cells(); });
  }

  /// One cell after the other, each with all that it reads from. By one process: several would
  /// choose the same cell, and spoil each other's throughputs, by which cells are chosen.
  void run_chosen_cells(const CellChooser& chooser, const std::set<const PlannedStage*>& outdated) {
    const FolderLock lock = wait_for(folder_.path());
    std::set<const PlannedStage*> again;
    for (const PlannedStage* stage : outdated) add_with_inputs(*stage, again);
    complete([&](const PlannedStage& stage) { return again.contains(&stage); });
    std::optional<std::size_t> last;
    while (const auto cell = chooser.next(collected())) {
      const std::string name = describe_cell(plan_.definition.cells[*cell].variables);
      if (cell == last) {
        throw DataError("cell '" + name +
                        "' was computed and is not measured - put evaluate and benchmark stages "
                        "before the stage that chooses among the cells");
      }
      const std::set<const PlannedStage*> needed = plan_.needed_by(*cell);
      complete([&](const PlannedStage& stage) { return needed.contains(&stage); });
      last = cell;
    }
  }

  /// Computes those of the wanted stages that this run has not come to yet.
  void complete(const std::function<bool(const PlannedStage&)>& is_meant) {
    std::list<const PlannedStage*> left;
    for (const PlannedStage* stage : plan_.in_order()) {
      if (is_wanted(*stage) && !performed_.contains(stage) && is_meant(*stage)) {
        left.push_back(stage);
      }
    }
    for (bool waits = false; !left.empty();) {
      if (work_off(left)) {
        waits = false;
        continue;
      }
      if (!waits) report_waiting(folder_.of(*left.front()));
      waits = true;
      std::this_thread::sleep_for(kWaitingInterval);
    }
  }

  static void report_waiting(const std::filesystem::path& folder) {
    spdlog::info("waiting for another process that works in {}", folder.string());
  }

  FolderLock wait_for(const std::filesystem::path& folder) const {
    for (bool waits = false;; waits = true) {
      if (auto lock = FolderLock::try_lock(folder)) return std::move(*lock);
      if (!waits) report_waiting(folder);
      stop_if_requested();
      std::this_thread::sleep_for(kWaitingInterval);
    }
  }

  /// Performs the stages whose inputs are there and in which no other process works, and takes
  /// them off the list. Returns whether there was one.
  bool work_off(std::list<const PlannedStage*>& left) {
    bool found = false;
    for (auto stage = left.begin(); stage != left.end();) {
      stop_if_requested();
      const auto lock =
          has_inputs(**stage, left) ? FolderLock::try_lock(folder_.of(**stage)) : std::nullopt;
      if (!lock || recalls_inputs(**stage, left)) {
        ++stage;
        continue;
      }
      perform(**stage);
      performed_.insert(*stage);
      stage = left.erase(stage);
      found = true;
    }
    return found;
  }

  /// Puts inputs back on the list that another process with --force has deleted. Returns whether
  /// there was one.
  bool recalls_inputs(const PlannedStage& stage, std::list<const PlannedStage*>& left) {
    bool found = false;
    for (const auto& [port, input] : stage.inputs) {
      const std::optional<StageLock> lock = folder_.lock_of(*input);
      if (lock && lock->has_result()) continue;
      performed_.erase(input);
      left.push_front(input);
      found = true;
    }
    return found;
  }

  static bool has_inputs(const PlannedStage& stage, const std::list<const PlannedStage*>& left) {
    if (stage.kind->runs_after_cells()) return left.front() == &stage;
    return std::none_of(stage.inputs.begin(), stage.inputs.end(), [&](const auto& input) {
      return std::find(left.begin(), left.end(), input.second) != left.end();
    });
  }

  void perform(const PlannedStage& stage) {
    const std::filesystem::path folder = folder_.of(stage);
    const StageState state = state_of(stage, plan_, folder_);
    if (state.status == Status::up_to_date) {
      spdlog::info("[{}] reused; {}", stage.id, state.reason);
      remove_folder(folder / kCheckpoints);
      return;
    }
    spdlog::info("[{}]{} {}", stage.id, describe(stage), state.reason);
    if (state.status == Status::every_time) discard_result(folder);
    remove_unfinished_files(folder);
    compute(stage, folder);
  }

  std::string describe(const PlannedStage& stage) const {
    if (stage.cells.empty() || plan_.cells.size() == 1) return "";
    if (stage.cells.size() == 1) {
      const CellDefinition& cell = plan_.definition.cells[stage.cells.front()];
      return fmt::format(" ({})", describe_cell(cell.variables));
    }
    return fmt::format(" (for {} cells)", stage.cells.size());
  }

  /// What a stage refuses only now is work that failed: a run of a wrong configuration writes
  /// nothing.
  static nlohmann::json result_of(const StageKind& kind, const StageJob& job) {
    try {
      return kind.run(job);
    } catch (const ConfigError& problem) {
      throw DataError(problem.what());
    }
  }

  /// The lock of a stage that begins, or goes on from a checkpoint with the time behind it.
  StageLock begin(const PlannedStage& stage, const std::filesystem::path& folder) const {
    const std::optional<StageLock> earlier = folder_.lock_of(stage);
    const bool goes_on = earlier && !earlier->complete && stage.kind->partial_step(folder);
    StageLock lock;
    lock.id = stage.id;
    lock.kind = stage.kind->name();
    lock.key = stage.key;
    lock.record = stage.record;
    lock.seconds = goes_on ? earlier->seconds : 0.0;
    folder_.write_lock(stage, lock);
    return lock;
  }

  void compute(const PlannedStage& stage, const std::filesystem::path& folder) {
    StageLock lock = begin(stage, folder);
    io::write_file_atomically(folder / "resolved.yaml", config::to_yaml(stage.settings, true));
    std::map<std::string, std::filesystem::path> inputs;
    for (const auto& [port, source] : stage.inputs) inputs[port] = folder_.of(*source);
    const Summary summary = collected();
    const StageJob job{stage.settings,
                       stage.pipeline,
                       stage.id,
                       stage.key,
                       folder,
                       inputs,
                       folder_.path(),
                       stage.cell,
                       summary,
                       options_.stop_requested,
                       stage.adds_multiplexer};
    expect_unchanged_files(stage);
    const Clock::time_point start = Clock::now();
    const auto add_seconds = [&lock, start] {
      lock.seconds += std::chrono::duration<double>(Clock::now() - start).count();
    };
    try {
      folder_.write_result(
          stage,
          plugin::in_stage([&] { return fmt::format("stage '{}'{}", stage.id, describe(stage)); },
                           [&] { return result_of(*stage.kind, job); }));
    } catch (const Interrupted&) {
      add_seconds();
      folder_.write_lock(stage, lock);
      throw;
    }
    expect_unchanged_files(stage);
    lock.complete = true;
    lock.finished = utc_now();
    add_seconds();
    folder_.write_lock(stage, lock);
    // Nothing goes on from a checkpoint of a complete stage.
    remove_folder(folder / kCheckpoints);
    spdlog::info("[{}] done in {:.1f} s", stage.id, lock.seconds);
  }

  void stop_if_requested() const {
    if (options_.stop_requested && options_.stop_requested()) {
      throw Interrupted("interrupted; the same command goes on from here");
    }
  }

  const Plan& plan_;
  const RunFolder& folder_;
  const RunOptions& options_;
  const std::set<const PlannedStage*> forced_;
  const std::set<std::string> wanted_;
  std::set<const PlannedStage*> performed_;
};

}  // namespace

std::vector<PlannedAction> preview(const Plan& plan, const RunFolder& folder,
                                   const RunOptions& options) {
  require_stage(options.force, "--force", plan.ids());
  require_stage(options.until, "--until", plan.ids());
  const std::set<const PlannedStage*> forced = forced_stages(plan, options);
  const std::set<std::string> wanted = wanted_ids(plan, options);
  const bool chooses = chooser_of(plan, wanted) != nullptr;
  std::vector<PlannedAction> actions;
  for (const PlannedStage* stage : plan.in_order()) {
    PlannedAction action{stage, state_of(*stage, plan, folder), false};
    action.runs = wanted.contains(stage->id) &&
                  (forced.contains(stage) || action.state.status != Status::up_to_date);
    if (chooses && action.runs && !stage->kind->runs_after_cells() &&
        action.state.status != Status::up_to_date) {
      action.state.reason += ", if its cell is chosen";
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

Summary run(const Plan& plan, const RunFolder& folder, const RunOptions& options) {
  return Runner(plan, folder, options).run();
}

}  // namespace prumux::pipeline

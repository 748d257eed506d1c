#include "core/pipeline/collect.h"

#include <map>
#include <set>
#include <utility>

#include "core/config/overrides.h"
#include "core/config/scalar.h"

namespace prumux::pipeline {
namespace {

std::int64_t instances_of(const CellDefinition& cell) {
  const config::Value* value = config::find_at(cell.config, "multiplexer.instances");
  return value != nullptr ? value->integer() : 1;
}

double target_sparsity_of(const CellDefinition& cell) {
  for (const auto& [name, value] : cell.variables) {
    if (name == "sparsity") return config::parse_real(value).value_or(0.0);
  }
  return 0.0;
}

}  // namespace

std::optional<StageResult> result_of(const PlannedStage& stage, const RunFolder& folder) {
  const std::optional<StageLock> lock = folder.lock_of(stage);
  if (!lock || !lock->has_result()) return std::nullopt;
  return StageResult{stage.id,
                     stage.kind->name(),
                     folder.of(stage),
                     stage.kind->produces_model(),
                     folder.result_of(stage),
                     lock->seconds};
}

std::vector<std::string> missing_stages(
    const Plan& plan, std::size_t cell,
    const std::function<bool(const PlannedStage&)>& has_result) {
  const std::set<const PlannedStage*> needed = plan.needed_by(cell);
  std::vector<std::string> missing;
  for (const auto& stage : plan.stages) {
    if (needed.contains(stage.get()) && !has_result(*stage)) missing.push_back(stage->id);
  }
  return missing;
}

Summary collect(const Plan& plan, const RunFolder& folder,
                const std::function<bool(const PlannedStage&)>& is_wanted) {
  Summary summary{plan.definition.name(), folder.path(), {}, {}};
  std::map<const PlannedStage*, StageResult> results;
  for (const auto& stage : plan.stages) {
    if (auto result = result_of(*stage, folder)) results.emplace(stage.get(), std::move(*result));
  }
  const auto is_done = [&](const PlannedStage& stage) {
    return results.contains(&stage) || !is_wanted(stage);
  };
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellDefinition& definition = plan.definition.cells[i];
    CellSummary cell{
        definition.variables, instances_of(definition), target_sparsity_of(definition), {}};
    for (const PlannedStage* stage : plan.cells[i]) {
      if (!is_wanted(*stage)) continue;
      const auto result = results.find(stage);
      if (stage->kind->produces_model()) cell.has_model = result != results.end();
      if (result != results.end()) {
        cell.stages.push_back(result->second);
      } else {
        cell.complete = false;
      }
    }
    cell.missing = missing_stages(plan, i, is_done);
    summary.cells.push_back(std::move(cell));
  }
  for (const auto& stage : plan.after_cells) {
    if (auto result = result_of(*stage, folder)) summary.after_cells.push_back(std::move(*result));
  }
  return summary;
}

}  // namespace prumux::pipeline

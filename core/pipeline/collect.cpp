#include "core/pipeline/collect.h"

#include <set>

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

using Stages = std::vector<const PlannedStage*>;

Stages without_result(const Plan& plan, const RunFolder& folder) {
  Stages stages;
  for (const auto& stage : plan.stages) {
    const std::optional<StageLock> lock = folder.lock_of(*stage);
    if (!lock || !lock->complete) stages.push_back(stage.get());
  }
  return stages;
}

std::vector<MissingStage> missing_of(const Stages& cell, const Stages& without_result,
                                     const RunFolder& folder) {
  std::set<const PlannedStage*> needed;
  for (const PlannedStage* stage : cell) add_with_inputs(*stage, needed);
  std::vector<MissingStage> missing;
  for (const PlannedStage* stage : without_result) {
    if (needed.contains(stage)) missing.push_back({stage->id, folder.of(*stage)});
  }
  return missing;
}

}  // namespace

std::optional<StageResult> result_of(const PlannedStage& stage, const RunFolder& folder) {
  const std::optional<StageLock> lock = folder.lock_of(stage);
  if (!lock || !lock->complete) return std::nullopt;
  return StageResult{stage.id,
                     stage.kind->name(),
                     folder.of(stage),
                     stage.kind->produces_model(),
                     folder.result_of(stage),
                     lock->seconds};
}

Summary collect(const Plan& plan, const RunFolder& folder) {
  Summary summary{plan.definition.name(), folder.path(), {}, {}};
  const Stages absent = without_result(plan, folder);
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellDefinition& definition = plan.definition.cells[i];
    CellSummary cell{
        definition.variables, instances_of(definition), target_sparsity_of(definition), {}};
    for (const PlannedStage* stage : plan.cells[i]) {
      auto result = result_of(*stage, folder);
      if (stage->kind->produces_model()) cell.has_model = result.has_value();
      if (result) {
        cell.stages.push_back(std::move(*result));
      } else {
        cell.complete = false;
      }
    }
    cell.missing = missing_of(plan.cells[i], absent, folder);
    summary.cells.push_back(std::move(cell));
  }
  for (const auto& stage : plan.after_cells) {
    if (auto result = result_of(*stage, folder)) summary.after_cells.push_back(std::move(*result));
  }
  return summary;
}

}  // namespace prumux::pipeline

#include "core/report/conclusions.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>

#include "core/config/scalar.h"

namespace prumux::report {
namespace {

constexpr const char* kExtrapolation = "allow_extrapolation";

/// Whether `stage` has read that result, and not one that was there before it.
bool has_read(const StageFolder& stage, const StageFolder& measurement) {
  return measurement.finished <= stage.finished &&
         std::ranges::any_of(stage.inputs, [&measurement](const auto& input) {
           return input.second == measurement.key;
         });
}

/// Where the pipeline cannot be read, every stage may be one of it.
bool has_stage(const PipelineFacts& pipeline, const std::string& id) {
  return pipeline.stages.empty() || std::ranges::find(pipeline.stages, id) != pipeline.stages.end();
}

/// Whether `stage` has read what the pipeline, as it is now, has measured. Cells that the grid no
/// longer has, and stages that the pipeline no longer has, do not count.
bool is_of(const StageFolder& stage, const std::vector<Cell>& cells,
           const PipelineFacts& pipeline) {
  return std::ranges::all_of(cells, [&](const Cell& cell) {
    return !is_in_grid(cell.variables, pipeline) ||
           std::ranges::all_of(cell.measurements, [&](const StageFolder* measurement) {
             return !has_stage(pipeline, measurement->id) || has_read(stage, *measurement);
           });
  });
}

/// The latest one of this kind in the pipeline that is of the measurements of `cells`.
const StageFolder* latest_of(const std::string& kind, const std::vector<Cell>& cells,
                             const StageGraph& graph, const PipelineFacts& pipeline,
                             std::vector<std::string>& notes) {
  std::vector<const StageFolder*> complete;
  for (const StageFolder& stage : graph.stages()) {
    if (stage.kind == kind && stage.result.is_object() && has_stage(pipeline, stage.id)) {
      complete.push_back(&stage);
    }
  }
  std::ranges::stable_sort(complete, std::greater(), &StageFolder::finished);
  const auto found = std::ranges::find_if(
      complete, [&](const StageFolder* stage) { return is_of(*stage, cells, pipeline); });
  if (found != complete.end()) return *found;
  if (!complete.empty()) {
    notes.push_back(
        fmt::format("the result of {} ({}) is left out, since it is of other measurements than "
                    "those shown; run that stage again",
                    complete.front()->id, complete.front()->relative_path()));
  }
  return nullptr;
}

}  // namespace

nlohmann::json prediction(const std::vector<Cell>& cells, const StageGraph& graph,
                          const PipelineFacts& pipeline, std::vector<std::string>& notes) {
  const StageFolder* stage = latest_of("predict", cells, graph, pipeline, notes);
  if (stage == nullptr) return nullptr;
  nlohmann::json result = stage->result;
  const auto setting = stage->settings.find(kExtrapolation);
  result[kExtrapolation] =
      setting != stage->settings.end() && config::parse_boolean(setting->second).value_or(false);
  return result;
}

nlohmann::json search(const std::vector<Cell>& cells, const StageGraph& graph,
                      const PipelineFacts& pipeline, std::vector<std::string>& notes) {
  const StageFolder* stage = latest_of("tune", cells, graph, pipeline, notes);
  return stage == nullptr || !stage->result.contains("ended_because") ? nlohmann::json()
                                                                      : stage->result;
}

}  // namespace prumux::report

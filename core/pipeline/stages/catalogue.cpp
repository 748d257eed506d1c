#include "core/pipeline/stages/catalogue.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/pipeline/stages/compare.h"
#include "core/pipeline/stages/export.h"
#include "core/pipeline/stages/measuring.h"
#include "core/pipeline/stages/plugin_stage.h"
#include "core/pipeline/stages/predict.h"
#include "core/pipeline/stages/pretrain.h"
#include "core/pipeline/stages/report.h"
#include "core/pipeline/stages/sections.h"
#include "core/pipeline/stages/task_training.h"
#include "core/pipeline/stages/tune.h"

namespace prumux::pipeline {
namespace {

using Kinds = std::vector<std::unique_ptr<const StageKind>>;

/// Those of plugins, but for one that has the name of a kind that is there already.
void add_plugin_stages(Kinds& kinds) {
  for (const plugin::Method& method : plugin::Registry::instance().methods(PRUMUX_STAGE)) {
    auto stage = std::make_unique<PluginStage>(method);
    const bool taken = std::any_of(kinds.begin(), kinds.end(),
                                   [&](const auto& kind) { return kind->name() == stage->name(); });
    if (taken) {
      spdlog::warn("{} is not used: prumux has a stage of that name", plugin::describe(method));
    } else {
      kinds.push_back(std::move(stage));
    }
  }
}

}  // namespace

std::unique_ptr<const StageTable> make_stage_table() {
  Kinds kinds;
  kinds.push_back(std::make_unique<PretrainStage>());
  kinds.push_back(std::make_unique<TaskTrainingStage>(TaskTrainingStage::Purpose::finetune));
  kinds.push_back(std::make_unique<TaskTrainingStage>(TaskTrainingStage::Purpose::prune));
  kinds.push_back(std::make_unique<EvaluateStage>());
  kinds.push_back(std::make_unique<BenchmarkStage>());
  kinds.push_back(std::make_unique<PredictStage>());
  kinds.push_back(std::make_unique<TuneStage>());
  kinds.push_back(std::make_unique<CompareStage>());
  kinds.push_back(std::make_unique<ReportStage>());
  kinds.push_back(std::make_unique<ExportStage>());
  add_plugin_stages(kinds);
  return std::make_unique<const StageTable>(std::move(kinds), pipeline_sections());
}

}  // namespace prumux::pipeline

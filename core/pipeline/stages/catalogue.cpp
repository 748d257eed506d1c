#include "core/pipeline/stages/catalogue.h"

#include "core/pipeline/stages/compare.h"
#include "core/pipeline/stages/export.h"
#include "core/pipeline/stages/measuring.h"
#include "core/pipeline/stages/predict.h"
#include "core/pipeline/stages/pretrain.h"
#include "core/pipeline/stages/sections.h"
#include "core/pipeline/stages/task_training.h"

namespace prumux::pipeline {

std::unique_ptr<const StageTable> make_stage_table() {
  std::vector<std::unique_ptr<const StageKind>> kinds;
  kinds.push_back(std::make_unique<PretrainStage>());
  kinds.push_back(std::make_unique<TaskTrainingStage>(TaskTrainingStage::Purpose::finetune));
  kinds.push_back(std::make_unique<TaskTrainingStage>(TaskTrainingStage::Purpose::prune));
  kinds.push_back(std::make_unique<EvaluateStage>());
  kinds.push_back(std::make_unique<BenchmarkStage>());
  kinds.push_back(std::make_unique<PredictStage>());
  kinds.push_back(std::make_unique<CompareStage>());
  kinds.push_back(std::make_unique<ExportStage>());
  return std::make_unique<const StageTable>(std::move(kinds), pipeline_sections());
}

}  // namespace prumux::pipeline

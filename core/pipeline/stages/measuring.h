#pragma once

#include <vector>

#include "core/config/schema.h"
#include "core/pipeline/stage_kind.h"
#include "core/runtime/engine.h"

namespace prumux::pipeline {

/// Settings of the stages that run a finished model.
std::vector<config::Field> engine_fields();

runtime::EngineOptions engine_options(const StageJob& job);

/// Accuracy on the task's held-out texts.
class EvaluateStage : public StageKind {
 public:
  std::string name() const override { return "evaluate"; }
  std::string help() const override { return "score the model on the held-out texts"; }
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;
};

/// Examples per second.
class BenchmarkStage : public StageKind {
 public:
  std::string name() const override { return "benchmark"; }
  std::string help() const override { return "measure how many texts the model takes a second"; }
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  bool may_measure_throughput() const override { return true; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

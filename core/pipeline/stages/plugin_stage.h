#pragma once

#include "core/pipeline/stage_kind.h"
#include "core/plugin/registry.h"

namespace prumux::pipeline {

/// A stage that a plugin brings. What it reads and writes are flags of its descriptor.
class PluginStage : public StageKind {
 public:
  explicit PluginStage(plugin::Method method) : method_(std::move(method)) {}

  std::string name() const override { return method_.descriptor->name; }
  std::string help() const override { return method_.descriptor->summary; }
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  bool produces_model() const override { return has(PRUMUX_WRITES_MODEL); }
  bool may_measure_throughput() const override { return true; }
  bool runs_after_cells() const override { return has(PRUMUX_RUNS_AFTER_CELLS); }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;

 private:
  bool has(PrumuxCapability capability) const {
    return (method_.descriptor->capabilities & capability) != 0;
  }
  std::vector<std::string> data_names() const;
  std::shared_ptr<Stage> make(const config::Value& settings) const;

  plugin::Method method_;
};

}  // namespace prumux::pipeline

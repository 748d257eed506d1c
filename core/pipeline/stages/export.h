#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Copies the model to a folder of the user's choice.
class ExportStage : public StageKind {
 public:
  std::string name() const override { return "export"; }
  std::string help() const override { return "copy the model to a folder outside of the run"; }
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  /// The copy may have been removed since.
  bool is_reusable() const override { return false; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

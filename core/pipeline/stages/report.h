#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Writes the page about the run (see core/report).
class ReportStage : public StageKind {
 public:
  std::string name() const override { return "report"; }
  std::string help() const override {
    return "write one HTML file about the run: recommendation, plots, models, configuration";
  }
  std::vector<config::Field> fields() const override;
  bool runs_after_cells() const override { return true; }
  /// Quick, and it shows the run as it is.
  bool is_reusable() const override { return false; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

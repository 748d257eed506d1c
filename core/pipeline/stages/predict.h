#pragma once

#include "core/pipeline/stage_kind.h"
#include "core/prediction/grid.h"

namespace prumux::pipeline {

/// The cells that were measured, as the prediction module takes them.
prediction::Grid measured_grid(const Summary& summary, const std::string& task);

/// Writes what was measured as grid.csv, fits a performance model to it, and recommends cells.
class PredictStage : public StageKind {
 public:
  std::string name() const override { return "predict"; }
  std::string help() const override {
    return "fit a performance model to the measured cells, and recommend the fastest of them";
  }
  std::vector<config::Field> fields() const override;
  bool runs_after_cells() const override { return true; }
  /// Quick, and its table is what a user wants to see at the end of every run.
  bool is_reusable() const override { return false; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

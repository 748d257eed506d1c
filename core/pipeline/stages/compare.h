#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// All cells in one table, comparison.csv and comparison.md in the folder of the run, and in one
/// plot of accuracy against throughput, comparison.svg.
class CompareStage : public StageKind {
 public:
  std::string name() const override { return "compare"; }
  std::string help() const override {
    return "write all cells as one table, and as one plot of accuracy against throughput";
  }
  std::vector<config::Field> fields() const override;
  bool runs_after_cells() const override { return true; }
  /// Quick, and its files may have been removed since.
  bool is_reusable() const override { return false; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

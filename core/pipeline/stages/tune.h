#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Searches the grid for the fastest cell that is accurate enough, computing few of its cells, and
/// hands its model over in `RUN/model`.
class TuneStage : public StageKind {
 public:
  std::string name() const override { return "tune"; }
  std::string help() const override {
    return "compute only the cells that may be the fastest within an accuracy budget, and hand "
           "over the best model";
  }
  std::vector<config::Field> fields() const override;
  bool runs_after_cells() const override { return true; }
  std::unique_ptr<CellChooser> cell_chooser(const StageRequest& request) const override;
  /// Quick, and its answer is what a user wants to see at the end of every run.
  bool is_reusable() const override { return false; }
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  /// That there is a cell to compare with: not asked of a run that ends before the search, which
  /// may compute a part of the grid.
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;
};

}  // namespace prumux::pipeline

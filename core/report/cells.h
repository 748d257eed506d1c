#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/report/pipeline_facts.h"
#include "core/report/stage_graph.h"

namespace prumux::report {

/// A model of the run that was measured, or that no other model is made of.
struct Cell {
  std::int64_t instances = 1;
  double sparsity = 0.0;  ///< The grid's value of it, or else the measured one.
  /// Values of the grid's variables; "-": nothing in the cell depends on that one.
  std::vector<std::pair<std::string, std::string>> variables;
  const StageFolder* model = nullptr;  ///< Null: the pipeline's own model.
  std::vector<const StageFolder*> measurements;

  /// "instances 2, sparsity 0.6", or the model's folder in a run without a grid.
  std::string label() const;

  /// The number called `name` of the last stage that has one: of the measurements, or else of the
  /// training.
  std::optional<double> number(const std::string& name) const;

  /// The stages of the cell, the model's first.
  std::vector<const StageFolder*> stages() const;
};

/// The cells with an accuracy or a throughput, ordered by instances and sparsity. Where a cell was
/// computed more than once, with different settings, the latest result is taken, with a line in
/// `notes`. They point into `graph`.
std::vector<Cell> find_cells(const StageGraph& graph, const PipelineFacts& pipeline,
                             std::vector<std::string>& notes);

/// Values of the grid's variables for one stage; "-": the stage does not depend on that one.
std::vector<std::pair<std::string, std::string>> variables_of(const StageFolder& stage,
                                                              const StageGraph& graph,
                                                              const PipelineFacts& pipeline);

/// "instances 2, sparsity 0.6"; empty without variables.
std::string describe(const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace prumux::report

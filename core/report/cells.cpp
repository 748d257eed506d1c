#include "core/report/cells.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>

#include "core/config/scalar.h"
#include "core/report/measured_points.h"

namespace prumux::report {
namespace {

constexpr const char* kInstances = "instances";
constexpr const char* kSparsity = "sparsity";

bool measures(const StageFolder& stage) {
  return stage.complete && !stage.has_model() &&
         (std::isfinite(stage.number("accuracy")) || std::isfinite(stage.number("throughput")));
}

/// What is not pruned has sparsity 0.
Variables with_sparsity(Variables variables) {
  for (auto& [name, value] : variables) {
    if (name == kSparsity && value == kNothing) value = "0";
  }
  return variables;
}

std::vector<Cell> measured_cells(const StageGraph& graph, const PipelineFacts& pipeline,
                                 std::vector<std::string>& notes) {
  std::map<const StageFolder*, std::vector<const StageFolder*>> by_model;
  for (const StageFolder& stage : graph.stages()) {
    if (!measures(stage)) continue;
    const StageFolder* model = graph.source_of(stage);
    if (model == nullptr && graph.has_source(stage)) {
      notes.push_back(fmt::format("{} is left out, since the stage that it measured is not there",
                                  stage.relative_path()));
      continue;
    }
    by_model[model].push_back(&stage);
  }
  std::vector<Cell> cells;
  for (auto& [model, measurements] : by_model) {
    for (MeasuredPoint& point : points_of(std::move(measurements), graph, pipeline, notes)) {
      Cell cell;
      cell.variables = with_sparsity(std::move(point.variables));
      cell.model = model;
      cell.measurements = std::move(point.measurements);
      cells.push_back(std::move(cell));
    }
  }
  return cells;
}

/// The models that nothing has measured, those of the pipeline's last stages first.
std::vector<Cell> unmeasured_models(const StageGraph& graph, const PipelineFacts& pipeline,
                                    const std::vector<Cell>& measured) {
  std::vector<Cell> cells;
  for (const StageFolder& stage : graph.stages()) {
    if (!stage.has_model() || !std::isfinite(stage.number("accuracy"))) continue;
    if (std::ranges::find(measured, &stage, &Cell::model) != measured.end()) continue;
    Cell cell;
    cell.variables = with_sparsity(variables_of(stage, graph, pipeline));
    cell.model = &stage;
    cells.push_back(std::move(cell));
  }
  std::ranges::stable_sort(cells, std::greater(), [&pipeline](const Cell& cell) {
    // Those that the pipeline no longer has come last.
    const auto found = std::ranges::find(pipeline.stages, cell.model->id);
    return found == pipeline.stages.end() ? -1 : found - pipeline.stages.begin();
  });
  return cells;
}

/// Whether the variables tell which cell of a grid it is.
bool is_determined(const Cell& cell, const PipelineFacts& pipeline) {
  return !pipeline.variables.empty() &&
         std::ranges::equal(cell.variables, pipeline.variables,
                            [](const auto& variable, const GridVariable& one) {
                              return variable.second != kNothing || one.may_be_skipped;
                            });
}

/// Whether a model of which others are made is the last one of a cell of the grid, as a dense one
/// is where pruning is skipped.
bool ends_a_cell(const Cell& model, const std::vector<Cell>& cells, const PipelineFacts& pipeline) {
  return is_determined(model, pipeline) && is_in_grid(model.variables, pipeline) &&
         std::ranges::none_of(cells, [&model](const Cell& other) {
           return other.variables == model.variables &&
                  (other.model == nullptr || other.model->id != model.model->id);
         });
}

std::vector<Cell> all_cells(const StageGraph& graph, const PipelineFacts& pipeline,
                            std::vector<std::string>& notes) {
  std::vector<Cell> cells = measured_cells(graph, pipeline, notes);
  std::vector<Cell> built_upon;
  for (Cell& model : unmeasured_models(graph, pipeline, cells)) {
    (graph.is_built_upon(*model.model) ? built_upon : cells).push_back(std::move(model));
  }
  for (Cell& model : built_upon) {
    if (ends_a_cell(model, cells, pipeline)) cells.push_back(std::move(model));
  }
  return cells;
}

void place(Cell& cell, const StageGraph& graph) {
  const StageFolder& last = *cell.stages().back();
  const auto instances = graph.value_of("multiplexer.instances", last);
  cell.instances = instances ? config::parse_integer(*instances).value_or(1)
                             : static_cast<std::int64_t>(cell.number(kInstances).value_or(1));
  const StageFolder& model = cell.model != nullptr ? *cell.model : last;
  const auto target = std::ranges::find(cell.variables, kSparsity, &Variables::value_type::first);
  const auto share =
      target == cell.variables.end() ? std::nullopt : config::parse_real(target->second);
  cell.sparsity = share ? *share : graph.number_of(kSparsity, model).value_or(0.0);
}

auto age(const Cell& cell) {
  return std::pair{!cell.measurements.empty(), cell.stages().back()->finished};
}

/// Leaves out what a later result has replaced.
std::vector<Cell> latest(std::vector<Cell> cells, const PipelineFacts& pipeline,
                         std::vector<std::string>& notes) {
  std::vector<Cell> result;
  for (Cell& cell : cells) {
    const auto same = std::ranges::find_if(result, [&](const Cell& other) {
      return is_determined(cell, pipeline) && other.variables == cell.variables;
    });
    if (same == result.end()) {
      result.push_back(std::move(cell));
      continue;
    }
    if (age(cell) > age(*same)) std::swap(*same, cell);
    notes.push_back(fmt::format("an earlier result for {} ({}) is left out", cell.label(),
                                cell.stages().front()->relative_path()));
  }
  return result;
}

}  // namespace

std::string Cell::label() const {
  const std::string text = describe(variables);
  return text.empty() ? stages().front()->path.filename().string() : text;
}

std::optional<double> Cell::number(const std::string& name) const {
  const std::vector<const StageFolder*> all = stages();
  for (auto stage = all.rbegin(); stage != all.rend(); ++stage) {
    if (const double number = (*stage)->number(name); std::isfinite(number)) return number;
  }
  return std::nullopt;
}

std::vector<const StageFolder*> Cell::stages() const {
  std::vector<const StageFolder*> all;
  if (model != nullptr) all.push_back(model);
  all.insert(all.end(), measurements.begin(), measurements.end());
  return all;
}

std::vector<Cell> find_cells(const StageGraph& graph, const PipelineFacts& pipeline,
                             std::vector<std::string>& notes) {
  std::vector<Cell> cells = all_cells(graph, pipeline, notes);
  for (Cell& cell : cells) place(cell, graph);
  cells = latest(std::move(cells), pipeline, notes);
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.instances, a.sparsity, a.variables) <
           std::tie(b.instances, b.sparsity, b.variables);
  });
  return cells;
}

}  // namespace prumux::report

#include "core/report/cells.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/config/scalar.h"

namespace prumux::report {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kInstances = "instances";
constexpr const char* kSparsity = "sparsity";
constexpr const char* kNothing = "-";

std::optional<double> variable(const Variables& variables, const std::string& name) {
  for (const auto& [other, value] : variables) {
    if (other == name) return config::parse_real(value);
  }
  return std::nullopt;
}

bool measures(const StageFolder& stage) {
  return stage.complete && !stage.has_model() &&
         (std::isfinite(stage.number("accuracy")) || std::isfinite(stage.number("throughput")));
}

/// One cell for every model that is measured or that no other one is made of.
std::vector<Cell> cells_of_models(const StageGraph& graph) {
  std::map<const StageFolder*, Cell> by_model;
  for (const StageFolder& stage : graph.stages()) {
    if (measures(stage)) by_model[graph.source_of(stage)].measurements.push_back(&stage);
    if (stage.has_model() && std::isfinite(stage.number("accuracy")) &&
        !graph.is_built_upon(stage)) {
      by_model[&stage];
    }
  }
  std::vector<Cell> cells;
  for (auto& [model, cell] : by_model) {
    cell.model = model;
    std::stable_sort(cell.measurements.begin(), cell.measurements.end(),
                     [](const auto* a, const auto* b) { return a->finished < b->finished; });
    cells.push_back(std::move(cell));
  }
  return cells;
}

void place(Cell& cell, const StageGraph& graph, const PipelineFacts& pipeline) {
  const StageFolder& last = *cell.stages().back();
  cell.variables = variables_of(last, graph, pipeline);
  for (auto& [name, value] : cell.variables) {
    // What is not pruned has sparsity 0.
    if (name == kSparsity && value == kNothing) value = "0";
  }
  const auto instances = graph.value_of("multiplexer.instances", last);
  cell.instances = instances ? config::parse_integer(*instances).value_or(1)
                             : static_cast<std::int64_t>(cell.number(kInstances).value_or(1));
  const StageFolder& model = cell.model != nullptr ? *cell.model : last;
  const auto target = variable(cell.variables, kSparsity);
  cell.sparsity = target ? *target : graph.number_of(kSparsity, model).value_or(0.0);
}

/// Whether equal variables make two cells the same one.
bool is_determined(const Cell& cell, const PipelineFacts& pipeline) {
  return !pipeline.variables.empty() &&
         std::all_of(pipeline.variables.begin(), pipeline.variables.end(),
                     [&](const GridVariable& one) {
                       const auto found = std::find(cell.variables.begin(), cell.variables.end(),
                                                    std::pair{one.name, std::string(kNothing)});
                       return found == cell.variables.end() || one.may_be_skipped;
                     });
}

auto age(const Cell& cell) {
  return std::pair{!cell.measurements.empty(), cell.stages().back()->finished};
}

/// Leaves out what a later result has replaced.
std::vector<Cell> latest(std::vector<Cell> cells, const PipelineFacts& pipeline,
                         std::vector<std::string>& notes) {
  std::vector<Cell> result;
  for (Cell& cell : cells) {
    const auto same = std::find_if(result.begin(), result.end(), [&](const Cell& other) {
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

std::string describe(const Variables& variables) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : variables) {
    if (value != kNothing) parts.push_back(name + " " + value);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Variables variables_of(const StageFolder& stage, const StageGraph& graph,
                       const PipelineFacts& pipeline) {
  Variables variables;
  for (const GridVariable& one : pipeline.variables) {
    variables.emplace_back(one.name, graph.value_of(one.path, stage).value_or(kNothing));
  }
  return variables;
}

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
  std::vector<Cell> cells = cells_of_models(graph);
  for (Cell& cell : cells) place(cell, graph, pipeline);
  cells = latest(std::move(cells), pipeline, notes);
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.instances, a.sparsity, a.variables) <
           std::tie(b.instances, b.sparsity, b.variables);
  });
  return cells;
}

}  // namespace prumux::report

#include "core/pipeline/grid.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "core/config/overrides.h"
#include "core/config/scalar.h"

namespace prumux::pipeline {
namespace {

constexpr std::size_t kMaximumCells = 10'000;

/// The schema has reported everything that is not as it should be.
bool is_well_formed(const config::Value& variable) {
  const config::Value* path = variable.find("set");
  const config::Value* values = variable.find("values");
  return path != nullptr && path->is_scalar() && values != nullptr && values->is_list() &&
         std::all_of(values->items.begin(), values->items.end(),
                     [](const config::Value& value) { return value.is_scalar(); });
}

void check_values(const std::string& name, const config::Value& values,
                  config::Problems& problems) {
  if (values.items.empty()) {
    problems.add(values.place, fmt::format("grid.{}.values is empty - expected at least one value; "
                                           "remove the variable to do without it",
                                           name));
  }
  std::set<std::string> known;
  for (const config::Value& value : values.items) {
    if (known.insert(value_text(value)).second) continue;
    problems.add(value.place, fmt::format("grid.{}.values has '{}' twice - expected each value "
                                          "once",
                                          name, value.text));
  }
}

/// Cells share the stages of the file by their ids.
void check_ids(const config::Value& pipeline, const GridVariable& variable,
               config::Problems& problems) {
  const std::string path = config::numbered_path(pipeline, variable.path.text);
  const std::size_t end = path.rfind('.');
  if (!path.starts_with("stages.") || path.find('.') == end) return;
  const config::Value* stage = config::find_at(pipeline, path.substr(0, end));
  const std::string setting = path.substr(end + 1);
  const bool is_id =
      setting == "id" || (setting == "stage" && stage != nullptr && !stage->has("id"));
  if (!is_id || std::count(path.begin(), path.end(), '.') != 2) return;
  problems.add(variable.path.place,
               fmt::format("grid.{} sets {}, by which the stage is called - expected one id in all "
                           "cells; give the stage an 'id' in 'stages'",
                           variable.name, variable.path.text));
}

/// The later of two variables that set the same would win in every cell.
void check_paths(const config::Value& pipeline, const std::vector<GridVariable>& variables,
                 config::Problems& problems) {
  for (auto variable = variables.begin(); variable != variables.end(); ++variable) {
    check_ids(pipeline, *variable, problems);
    const std::string path = config::numbered_path(pipeline, variable->path.text);
    const auto first = std::find_if(variables.begin(), variable, [&](const GridVariable& other) {
      return config::numbered_path(pipeline, other.path.text) == path;
    });
    if (first == variable) continue;
    problems.add(variable->path.place,
                 fmt::format("grid.{} sets {}, as grid.{} does - expected each setting once",
                             variable->name, variable->path.text, first->name));
  }
}

}  // namespace

std::string value_text(const config::Value& scalar) {
  // Without the sign of -0.
  if (const auto number = config::parse_real(scalar.text))
    return config::format_real(*number + 0.0);
  if (const auto truth = config::parse_boolean(scalar.text)) return *truth ? "true" : "false";
  return scalar.text;
}

std::vector<GridVariable> read_grid(const config::Value& pipeline, config::Problems& problems) {
  std::vector<GridVariable> variables;
  const config::Value* grid = pipeline.find("grid");
  if (grid == nullptr || !grid->is_map()) return variables;
  std::size_t cells = 1;
  for (const config::Value::Entry& entry : grid->entries) {
    if (!is_well_formed(entry.value)) continue;
    const config::Value& values = entry.value.at("values");
    check_values(entry.key, values, problems);
    if (values.items.empty()) continue;
    cells *= values.items.size();
    if (cells > kMaximumCells) {
      problems.add(entry.key_place,
                   fmt::format("the grid has more than {} cells - expected fewer", kMaximumCells));
      return {};
    }
    variables.push_back({entry.key, entry.value.at("set"), values.items});
  }
  check_paths(pipeline, variables, problems);
  return variables;
}

void check_coordinates(const std::vector<GridVariable>& variables, config::Problems& problems) {
  for (const GridVariable& variable : variables) {
    if (variable.name == "instances" && variable.path.text != "multiplexer.instances") {
      problems.add(variable.path.place,
                   fmt::format("grid.instances sets {} - expected multiplexer.instances; call what "
                               "sets another setting by another name",
                               variable.path.text));
    }
    if (variable.name != "sparsity") continue;
    for (const config::Value& value : variable.values) {
      const auto share = config::parse_real(value.text);
      if (share && *share >= 0.0 && *share < 1.0) continue;
      problems.add(value.place,
                   fmt::format("grid.sparsity.values has '{}' - expected shares of weights to "
                               "remove, from 0 to below 1; call what sets another setting by "
                               "another name",
                               value.text));
    }
  }
}

std::vector<GridPoint> grid_points(const std::vector<GridVariable>& variables) {
  std::vector<GridPoint> points(1);
  for (const GridVariable& variable : variables) {
    std::vector<GridPoint> longer;
    for (const GridPoint& point : points) {
      for (const config::Value& value : variable.values) {
        longer.push_back(point);
        longer.back().emplace_back(&variable, &value);
      }
    }
    points = std::move(longer);
  }
  return points;
}

}  // namespace prumux::pipeline

#include "core/pipeline/grid.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

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
  for (auto value = values.items.begin(); value != values.items.end(); ++value) {
    const auto same = [&](const config::Value& other) { return same_value(*value, other); };
    if (std::any_of(values.items.begin(), value, same)) {
      problems.add(value->place, fmt::format("grid.{}.values has '{}' twice - expected each value "
                                             "once",
                                             name, value->text));
    }
  }
}

/// The later of two variables that set the same would win in every cell.
void check_paths(const std::vector<GridVariable>& variables, config::Problems& problems) {
  for (auto variable = variables.begin(); variable != variables.end(); ++variable) {
    const auto first = std::find_if(variables.begin(), variable, [&](const GridVariable& other) {
      return other.path.text == variable->path.text;
    });
    if (first == variable) continue;
    problems.add(variable->path.place,
                 fmt::format("grid.{} sets {}, as grid.{} does - expected each setting once",
                             variable->name, variable->path.text, first->name));
  }
}

}  // namespace

bool same_value(const config::Value& a, const config::Value& b) {
  const auto number_a = config::parse_real(a.text);
  const auto number_b = config::parse_real(b.text);
  return number_a && number_b ? *number_a == *number_b : a.text == b.text;
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
  check_paths(variables, problems);
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

#include "core/pipeline/grid_neighbours.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

#include "core/config/nearest.h"
#include "core/config/scalar.h"

namespace prumux::pipeline {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string> text_of(const Variables& variables, const std::string& name) {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&name](const auto& entry) { return entry.first == name; });
  return found == variables.end() ? std::nullopt : std::optional(found->second);
}

/// All cells have the same variables in the same order.
bool differ_in_nothing_else(const Variables& a, const Variables& b, const std::string& name) {
  return std::equal(a.begin(), a.end(), b.begin(), [&name](const auto& left, const auto& right) {
    return left.first == name || left.second == right.second;
  });
}

std::vector<std::string> names_of(const Variables& variables) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  return names;
}

}  // namespace

std::vector<std::size_t> lower_neighbours(const std::vector<CellDefinition>& cells,
                                          std::size_t cell, const config::Value& variable,
                                          const std::string& setting, config::Problems& problems) {
  const std::string& name = variable.text;
  const Variables& own = cells[cell].variables;
  const std::optional<std::string> text = text_of(own, name);
  if (!text) {
    problems.add(variable.place,
                 fmt::format("{} '{}' - expected a variable of the grid ({})", setting, name,
                             config::suggestion(name, names_of(own))));
    return {};
  }
  const std::optional<double> value = config::parse_real(*text);
  std::vector<std::size_t> lower;
  for (std::size_t other = cell; other-- > 0;) {
    if (!differ_in_nothing_else(cells[other].variables, own, name)) continue;
    const std::optional<double> before =
        config::parse_real(text_of(cells[other].variables, name).value_or(""));
    if (!value || !before || *before >= *value) {
      problems.add(variable.place,
                   fmt::format("{} '{}' - expected a variable whose values are ascending numbers, "
                               "but grid.{}.values has {} before {}",
                               setting, name, name,
                               text_of(cells[other].variables, name).value_or(""), *text));
      return {};
    }
    lower.push_back(other);
  }
  return lower;
}

}  // namespace prumux::pipeline

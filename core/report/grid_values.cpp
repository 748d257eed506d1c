#include "core/report/grid_values.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/config/scalar.h"

namespace prumux::report {
namespace {

constexpr std::size_t kShownDigits = 8;

/// The setting's own text for a stage of which the record has contents alone: stages that read the
/// results of all cells name those of each cell after its values. Empty where none does.
std::optional<std::string> planned_value(const GridVariable& variable, const StageFolder& stage,
                                         const StageGraph& graph) {
  std::set<std::string> found;
  for (const StageFolder& reader : graph.stages()) {
    for (const auto& [name, key] : reader.inputs) {
      if (key != stage.key) continue;
      const std::size_t end = name.find(" of ");
      if (end == std::string::npos) continue;
      const std::string cell = ", " + name.substr(end + 4) + ", ";
      for (const std::string& value : variable.values) {
        if (cell.find(fmt::format(", {} {}, ", variable.name, value)) != std::string::npos) {
          found.insert(value);
        }
      }
    }
  }
  return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
}

std::string value_for(const GridVariable& variable, const StageFolder& stage,
                      const StageGraph& graph) {
  if (const auto value = graph.value_of(variable.path, stage)) return *value;
  const auto content = graph.content_of(variable.path, stage);
  if (!content) return kNothing;
  return planned_value(variable, stage, graph).value_or(content->substr(0, kShownDigits));
}

bool is_same_value(const std::string& one, const std::string& other) {
  const auto number = config::parse_real(one);
  const auto other_number = config::parse_real(other);
  return number && other_number ? *number == *other_number : one == other;
}

}  // namespace

Variables variables_of(const StageFolder& stage, const StageGraph& graph,
                       const PipelineFacts& pipeline) {
  Variables variables;
  for (const GridVariable& one : pipeline.variables) {
    variables.emplace_back(one.name, value_for(one, stage, graph));
  }
  return variables;
}

std::string describe(const Variables& variables) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : variables) {
    if (value != kNothing) parts.push_back(name + " " + value);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::optional<Variables> merged(const Variables& one, const Variables& other) {
  Variables both = one;
  for (std::size_t i = 0; i < both.size(); ++i) {
    const std::string& value = other[i].second;
    if (both[i].second == kNothing) both[i].second = value;
    if (value != kNothing && value != both[i].second) return std::nullopt;
  }
  return both;
}

bool is_in_grid(const Variables& variables, const PipelineFacts& pipeline) {
  return std::ranges::equal(
      variables, pipeline.variables, [](const auto& variable, const GridVariable& one) {
        const std::string& value = variable.second;
        return value == kNothing ||
               std::ranges::any_of(one.values, [&value](const std::string& other) {
                 return is_same_value(value, other);
               });
      });
}

}  // namespace prumux::report

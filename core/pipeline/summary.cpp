#include "core/pipeline/summary.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace prumux::pipeline {
namespace {

constexpr const char* kNumbers[] = {"accuracy", "throughput"};

std::string cell_text(const std::optional<double>& number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : "-";
}

std::string value_of(const CellSummary& cell, const std::string& variable) {
  for (const auto& [name, value] : cell.variables) {
    if (name == variable) return value;
  }
  return "-";
}

struct Column {
  std::string name;
  std::size_t width = 0;
};

/// The variables of the grid that are not in every table.
std::vector<Column> other_variables(const Summary& summary) {
  std::vector<Column> columns;
  if (summary.cells.empty()) return columns;
  for (const auto& [name, value] : summary.cells.front().variables) {
    if (name == "instances" || name == "sparsity") continue;
    Column column{name, name.size()};
    for (const CellSummary& cell : summary.cells) {
      column.width = std::max(column.width, value_of(cell, name).size());
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace

std::optional<double> CellSummary::number(const std::string& name) const {
  if (!has_model) return std::nullopt;
  const bool is_of_one_model = std::ranges::find(kNumbers, name) != std::end(kNumbers);
  for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
    const auto found = stage->numbers.find(name);
    if (found != stage->numbers.end() && found->is_number()) return found->get<double>();
    if (is_of_one_model && stage->produces_model) break;
  }
  return std::nullopt;
}

double CellSummary::sparsity() const {
  const bool is_variable =
      std::any_of(variables.begin(), variables.end(),
                  [](const auto& variable) { return variable.first == "sparsity"; });
  return is_variable ? target_sparsity : number("sparsity").value_or(0.0);
}

std::optional<std::filesystem::path> CellSummary::model() const {
  if (!has_model) return std::nullopt;
  for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
    if (stage->produces_model) return stage->folder / "model";
  }
  return std::nullopt;
}

std::optional<double> plain_throughput(const Summary& summary) {
  for (const CellSummary& cell : summary.cells) {
    if (!cell.is_plain()) continue;
    if (const std::optional<double> throughput = cell.number("throughput")) return throughput;
  }
  return std::nullopt;
}

std::string describe_cell(const std::vector<std::pair<std::string, std::string>>& variables) {
  if (variables.empty()) return "the pipeline";
  std::vector<std::string> parts;
  for (const auto& [name, value] : variables) parts.push_back(name + " " + value);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> summary_keys() { return {"name", "run", "cells"}; }

nlohmann::json to_json(const Summary& summary) {
  nlohmann::json json = {{"name", summary.name}, {"run", summary.run_folder.string()}};
  json["cells"] = nlohmann::json::array();
  for (const CellSummary& cell : summary.cells) {
    nlohmann::json entry = {{"instances", cell.instances}, {"sparsity", cell.sparsity()}};
    for (const auto& [name, value] : cell.variables) entry["variables"][name] = value;
    for (const char* name : kNumbers) {
      const std::optional<double> number = cell.number(name);
      entry[name] = number ? nlohmann::json(*number) : nlohmann::json();
    }
    if (const auto measured = cell.number("sparsity")) entry["measured_sparsity"] = *measured;
    if (const auto model = cell.model()) entry["model"] = model->string();
    for (const StageResult& stage : cell.stages) entry["stages"][stage.id] = stage.numbers;
    json["cells"].push_back(entry);
  }
  for (const StageResult& stage : summary.after_cells) json[stage.id] = stage.numbers;
  return json;
}

std::string to_text(const Summary& summary) {
  const std::vector<Column> others = other_variables(summary);
  std::string text = fmt::format("{:>9} {:>8} ", "instances", "sparsity");
  for (const Column& column : others) text += fmt::format("{:>{}} ", column.name, column.width);
  text +=
      fmt::format("{:>8} {:>8} {:>12} {:>8}\n", "measured", "accuracy", "examples/s", "speed-up");
  const std::optional<double> base = plain_throughput(summary);
  for (const CellSummary& cell : summary.cells) {
    const auto throughput = cell.number("throughput");
    const auto speed_up = throughput && base ? std::optional(*throughput / *base) : std::nullopt;
    text += fmt::format("{:>9} {:>8.4g} ", cell.instances, cell.sparsity());
    for (const Column& column : others) {
      text += fmt::format("{:>{}} ", value_of(cell, column.name), column.width);
    }
    text += fmt::format("{:>8} {:>8} {:>12} {:>8}\n", cell_text(cell.number("sparsity"), 3),
                        cell_text(cell.number("accuracy"), 4), cell_text(throughput, 1),
                        cell_text(speed_up, 2));
  }
  return text;
}

}  // namespace prumux::pipeline

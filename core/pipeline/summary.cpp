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

std::string describe_cell(const std::vector<std::pair<std::string, std::string>>& variables) {
  if (variables.empty()) return "the pipeline";
  std::vector<std::string> parts;
  for (const auto& [name, value] : variables) parts.push_back(name + " " + value);
  return fmt::format("{}", fmt::join(parts, ", "));
}

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
  for (const StageResult& stage : summary.after_cells) json[stage.kind] = stage.numbers;
  return json;
}

std::string to_text(const Summary& summary) {
  std::string text = fmt::format("{:>9} {:>8} {:>8} {:>8} {:>12} {:>8}\n", "instances", "sparsity",
                                 "measured", "accuracy", "examples/s", "speed-up");
  std::optional<double> base;
  for (const CellSummary& cell : summary.cells) {
    if (cell.instances == 1 && cell.sparsity() == 0.0 && !base) base = cell.number("throughput");
  }
  for (const CellSummary& cell : summary.cells) {
    const auto throughput = cell.number("throughput");
    const auto speed_up = throughput && base ? std::optional(*throughput / *base) : std::nullopt;
    text +=
        fmt::format("{:>9} {:>8} {:>8} {:>8} {:>12} {:>8}\n", cell.instances, cell.sparsity(),
                    cell_text(cell.number("sparsity"), 3), cell_text(cell.number("accuracy"), 4),
                    cell_text(throughput, 1), cell_text(speed_up, 2));
  }
  return text;
}

}  // namespace prumux::pipeline

#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace prumux::pipeline {

/// What one stage has left for one cell.
struct StageResult {
  std::string id;
  std::string kind;
  std::filesystem::path folder;
  bool produces_model = false;
  nlohmann::json numbers;
  double seconds = 0.0;  ///< That it took, interrupted runs included.
};

/// One cell of the grid with what was measured in it.
struct CellSummary {
  std::vector<std::pair<std::string, std::string>> variables;
  std::int64_t instances = 1;
  double target_sparsity = 0.0;
  std::vector<StageResult> stages;
  /// Ids of the stages without a result that the cell needs, itself or for what it reads from.
  std::vector<std::string> missing{};
  bool has_model = true;  ///< Whether the last stage that leaves a model has left it.
  bool complete = true;   ///< Whether every stage that is wanted has a result.

  /// The number that the last stage with a result called `name` gives; accuracy and throughput are
  /// those of the last model. Empty without that model: what there is belongs to an earlier one.
  std::optional<double> number(const std::string& name) const;

  /// Sparsity by which the cell is known: the grid's variable, or else the measured one.
  double sparsity() const;

  /// Whether losses and speed-ups relate to it: neither multiplexed nor pruned.
  bool is_plain() const { return instances == 1 && sparsity() == 0.0; }

  /// Folder of the last model; empty: it is not there.
  std::optional<std::filesystem::path> model() const;
};

struct Summary {
  std::string name;
  std::filesystem::path run_folder;
  std::vector<CellSummary> cells;
  std::vector<StageResult> after_cells;
};

/// Examples/s of the first plain cell that has been measured.
std::optional<double> plain_throughput(const Summary& summary);

/// "instances 2, sparsity 0.6"; "the pipeline" without variables.
std::string describe_cell(const std::vector<std::pair<std::string, std::string>>& variables);

/// Keys of the machine's result that are no ids of stages.
std::vector<std::string> summary_keys();

/// The machine's result: the cells with their numbers, and what the stages after the cells gave,
/// under their ids.
nlohmann::json to_json(const Summary& summary);

/// The same as a table for a person.
std::string to_text(const Summary& summary);

}  // namespace prumux::pipeline

#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/config/value.h"
#include "core/pipeline/stage_table.h"

namespace prumux::pipeline {

/// The pipeline as one cell of the grid sees it.
struct CellDefinition {
  std::vector<std::pair<std::string, std::string>> variables;  ///< Name and value.
  config::Value config;  ///< Validated; without the grid and the stages that the cell skips.

  /// "instances-2_sparsity-0.6", fit for a file name; empty without variables.
  std::string label() const;
};

/// A pipeline file, read and validated as a whole.
struct Definition {
  config::Value config;  ///< Validated. A setting that only the grid gives has its last value.
  std::vector<CellDefinition> cells;  ///< At least one; the last variable changes fastest.

  const std::string& name() const { return config.at("name").string(); }
};

/// Reads `file`, applies `overrides` (`a.b=c`), and validates every cell. Throws `ConfigError`
/// listing all the problems.
Definition load_definition(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides, const StageTable& table);

}  // namespace prumux::pipeline

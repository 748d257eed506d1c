#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/prediction/grid.h"

namespace prumux::prediction {

/// The first line of a grid file. An empty accuracy or throughput means: not measured.
inline constexpr std::string_view kGridHeader = "task,instances,sparsity,accuracy,throughput";

/// Reads a grid file. Throws `IoError`, or `DataError` with file:line, what was found and the
/// remedy.
Grid read_grid(const std::filesystem::path& path);

/// The same from memory; `name` stands for the file in messages.
Grid parse_grid(std::string_view text, const std::string& name);

/// One line a cell, numbers with as many digits as they need to be read back exactly.
std::string format_grid(const Grid& grid);

/// Replaces the file in one step.
void write_grid(const std::filesystem::path& path, const Grid& grid);

/// Cells to choose from: a CSV file with the columns `instances` and `sparsity` in any place. When
/// it has a column `task`, rows of other tasks are skipped; further columns, measurements included,
/// are ignored. Throws as `read_grid` does, and when no row is left.
std::vector<Cell> read_candidates(const std::filesystem::path& path, const std::string& task);

}  // namespace prumux::prediction

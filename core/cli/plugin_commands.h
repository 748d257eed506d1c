#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace prumux::cli {

// Each adds one subcommand of `plugins`.

/// `plugins list`.
void add_plugins_list(CLI::App& plugins);

/// `plugins inspect`.
void add_plugins_inspect(CLI::App& plugins);

/// `plugins check`.
void add_plugins_check(CLI::App& plugins);

/// `plugins new`.
void add_plugins_new(CLI::App& plugins);

/// Prints rows of equally many cells in columns; the first row is the heading.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace prumux::cli

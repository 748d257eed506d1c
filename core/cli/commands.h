#pragma once

#include <CLI/CLI.hpp>

namespace prumux::cli {

// Each adds one subcommand; its work is done in the subcommand's callback, while the command line
// is parsed. Results go to stdout as JSON, everything else to stderr; failures are exceptions.

/// `plugins list`, `plugins inspect`, and the program's option `--plugin-path`.
void add_plugins(CLI::App& app);

/// `predict`.
void add_predict(CLI::App& app);

/// `tokenize`.
void add_tokenize(CLI::App& app);

}  // namespace prumux::cli

#pragma once

#include <CLI/CLI.hpp>

namespace prumux::cli {

// Each adds one subcommand; its work is done in the subcommand's callback, while the command line
// is parsed. Results go to stdout as JSON, everything else to stderr; failures are exceptions.

/// `plugins list`, `inspect`, `check` and `new`, and the program's option `--plugin-path`.
void add_plugins(CLI::App& app);

/// `predict`.
void add_predict(CLI::App& app);

/// `report`.
void add_report(CLI::App& app);

/// `tokenize`.
void add_tokenize(CLI::App& app);

/// `forward`.
void add_forward(CLI::App& app);

/// `shrink`.
void add_shrink(CLI::App& app);

/// `convert`.
void add_convert(CLI::App& app);

/// `run`.
void add_run(CLI::App& app);

/// `status`.
void add_status(CLI::App& app);

/// `config`.
void add_config(CLI::App& app);

/// `infer`.
void add_infer(CLI::App& app);

/// `evaluate`.
void add_evaluate(CLI::App& app);

/// `bench`.
void add_bench(CLI::App& app);

}  // namespace prumux::cli

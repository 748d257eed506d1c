#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "core/model/model.h"

namespace prumux::cli {

/// Adds `--max-length`, which `requested` receives, to a command that reads texts.
void add_max_length(CLI::App& command, std::optional<std::size_t>& requested);

/// The tokens of a row: as `option` requests, else 128, or fewer for a model with fewer positions.
/// Throws `ConfigError` when the model has too few for the request.
std::size_t row_length(const std::string& option, std::optional<std::size_t> requested,
                       const model::Model& model);

}  // namespace prumux::cli

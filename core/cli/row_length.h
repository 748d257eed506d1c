#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/model/model.h"

namespace prumux::cli {

/// Tokens of a row that the model has positions for, next to those that its multiplexer adds.
std::int64_t longest_row(const model::Model& model);

/// The tokens of a row: as `option` requests, else 128, or fewer for a model with fewer positions.
/// Throws `ConfigError` when the model has too few for the request.
std::size_t row_length(const std::string& option, std::optional<std::size_t> requested,
                       const model::Model& model);

}  // namespace prumux::cli

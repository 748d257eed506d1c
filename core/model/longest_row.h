#pragma once

#include <cstdint>

#include "core/model/config.h"
#include "core/model/model.h"

namespace prumux::model {

/// Tokens of a row that the model has positions for, next to those that its multiplexer adds.
std::int64_t longest_row(const Model& model);

/// The same for a model that is yet to be made. Throws `ConfigError` when the multiplexer refuses
/// its parameters, and `PluginError`.
std::int64_t longest_row(const ModelConfig& config);

}  // namespace prumux::model

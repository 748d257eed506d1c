#pragma once

#include <nlohmann/json.hpp>

#include "core/model/model.h"

namespace prumux::model {

/// config.json of a model: its configuration and the fields of its multiplexer.
/// Throws `PluginError` when the multiplexer gives no JSON object.
nlohmann::json checkpoint_config(const Model& model);

}  // namespace prumux::model

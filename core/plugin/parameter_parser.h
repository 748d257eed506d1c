#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/config/value.h"
#include "prumux/descriptor.h"
#include "prumux/parameters.h"

namespace prumux::plugin {

/// The parameters of `method` from a map; absent ones get their default. Throws `ConfigError`
/// listing every unknown name (with the nearest one), wrong type, value out of range or missing
/// required parameter, each with its place.
Parameters parse_parameters(const PrumuxMethodV1& method, const config::Value& given);

/// The same from pairs of name and text, where a text is a scalar or flow list of YAML or JSON.
Parameters parse_parameters(const PrumuxMethodV1& method,
                            const std::vector<std::pair<std::string, std::string>>& texts);

}  // namespace prumux::plugin

#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/config/schema.h"

namespace prumux::config {

/// The JSON Schema (draft 7, which editors know for YAML) of a file whose map has `fields`, made
/// from the tables that validate it. It demands no key that a grid or an extended file may give.
nlohmann::ordered_json json_schema(const std::vector<Field>& fields);

}  // namespace prumux::config

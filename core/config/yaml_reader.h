#pragma once

#include <string>
#include <string_view>

#include "core/config/value.h"

namespace prumux::config {

/// Reads one YAML document. Refused with `ConfigError` at file:line:column: text that is not UTF-8
/// or not YAML, a key that is there twice, keys that are not scalars, tags, more than one document,
/// and aliases that contain themselves or multiply without bound.
/// `origin` gives source and folder; where its line is 0, all values get the place `origin` itself.
Value parse_yaml(std::string_view text, const Place& origin);

}  // namespace prumux::config

#pragma once

#include <string>

#include "core/config/value.h"

namespace prumux::config {

/// The tree as YAML that reads back as the same tree. With `origin`, each scalar is followed by a
/// comment that says where it comes from.
std::string to_yaml(const Value& value, bool origin = false);

}  // namespace prumux::config

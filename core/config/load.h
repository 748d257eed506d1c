#pragma once

#include <filesystem>

#include "core/config/value.h"

namespace prumux::config {

/// Reads a configuration file and everything that it `extends:` (a path or a list of paths,
/// relative to the file). Maps are merged key by key, everything else is replaced; the extending
/// file wins over what it extends, and of a list the later file wins. Throws `IoError` for a file
/// that cannot be read, `ConfigError` for one that is not a map in YAML or extends itself.
Value load(const std::filesystem::path& file);

/// `over` on top of `base`: maps key by key, everything else replaced.
Value merge(const Value& base, const Value& over);

}  // namespace prumux::config

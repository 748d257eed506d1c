#pragma once

#include <string>

#include "core/config/value.h"

namespace prumux::config {

/// Puts `value` at `path` ("stages.prune.params.target_sparsity"), making the maps on the way. In a
/// list a name addresses the entry with that `id` (or, without an id, that `stage`), or its number
/// from 0. `place` is where the path is written. Throws `ConfigError` when the path leads through
/// a scalar, or names an entry that the list does not have.
void set_at(Value& root, const std::string& path, Value value, const Place& place);

/// The value at `path`, or null.
const Value* find_at(const Value& root, const std::string& path);

/// `path` with the numbers of entries instead of their names: equal for two paths to one value.
std::string numbered_path(const Value& root, const std::string& path);

/// One `--set a.b.c=value`; the value is YAML, relative paths in it begin at the working folder.
void apply_override(Value& root, const std::string& assignment);

/// The name that addresses entry `index` of a list in a path: its id, its stage, or its number.
std::string entry_name(const Value& list, std::size_t index);

}  // namespace prumux::config

#pragma once

#include <vector>

#include "core/config/problems.h"
#include "core/config/schema.h"
#include "core/config/value.h"

namespace prumux::config {

/// Checks `given` against `fields` and returns it complete: in the order of the schema, defaults
/// filled in, numbers in their shortest form, paths absolute. A null counts as absent.
/// Everything that is wrong is added to `problems`, as `file:line:column: what 'value' - expected
/// X`; the result is only of use when there is none.
Value validate(const Value& given, const std::vector<Field>& fields, Problems& problems);

/// The same; throws `ConfigError` listing all the problems.
Value validate(const Value& given, const std::vector<Field>& fields);

}  // namespace prumux::config

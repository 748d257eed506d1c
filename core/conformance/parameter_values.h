#pragma once

#include <string>
#include <vector>

#include "core/plugin/registry.h"
#include "prumux/parameters.h"

namespace prumux::conformance {

/// The method's defaults, and a value from the middle of its range for each parameter that has
/// none.
Parameters usual_parameters(const plugin::Method& method);

/// Makes the method with its usual parameters, and then with one of them at a time at an end of its
/// range or at another of its choices. It may refuse such values, with `ConfigError`.
void takes_parameters_at_their_limits(const plugin::Method& method);

}  // namespace prumux::conformance

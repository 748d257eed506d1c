#pragma once

#include <vector>

#include "core/conformance/check_list.h"
#include "core/plugin/registry.h"

namespace prumux::conformance {

/// What every head promises: shapes, independent rows, no look at padding, gradients, a state that
/// is saved and loaded, and answers of the shrunk model that are those of the masked one.
std::vector<Check> head_checks(const plugin::Method& method);

}  // namespace prumux::conformance

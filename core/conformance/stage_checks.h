#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// What every stage promises, on a sample model and sample rows.
std::vector<Check> stage_checks(const plugin::Method& method);

}  // namespace prumux::conformance

#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// The promises of `PerformanceModel`, for both quantities.
std::vector<Check> performance_model_checks(const plugin::Method& method);

}  // namespace prumux::conformance

#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// The promises of `Metric`.
std::vector<Check> metric_checks(const plugin::Method& method);

}  // namespace prumux::conformance

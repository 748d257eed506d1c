#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// The promises of `Compressor`.
std::vector<Check> compressor_checks(const plugin::Method& method);

}  // namespace prumux::conformance

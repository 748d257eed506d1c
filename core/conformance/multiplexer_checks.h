#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// The promises of `Multiplexer`, alone and in front of an encoder.
std::vector<Check> multiplexer_checks(const plugin::Method& method);

}  // namespace prumux::conformance

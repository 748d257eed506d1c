#pragma once

#include <vector>

#include "core/conformance/check_list.h"

namespace prumux::conformance {

/// What every dataset reader promises, whatever its format: how it treats files that are none of
/// it, and that it is repeatable on all of them.
std::vector<Check> reader_checks(const plugin::Method& method);

}  // namespace prumux::conformance

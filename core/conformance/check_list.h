#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/plugin/registry.h"

namespace prumux::conformance {

/// One promise of an interface, and how it is tried out on a method.
struct Check {
  std::string name;           ///< What holds when it passes: "same seed, same bits".
  std::function<void()> run;  ///< Throws when it does not hold, `Skipped` when it cannot tell.
};

/// All the checks for a method of any kind. They share no state and may be run in any order.
std::vector<Check> checks_of(const plugin::Method& method);

}  // namespace prumux::conformance

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/config/problems.h"
#include "core/config/value.h"
#include "core/pipeline/definition.h"

namespace prumux::pipeline {

/// The cells before `cell` that differ from it in the numeric grid variable `variable` alone, the
/// nearest first. Reports a variable that is not there, or whose values are no ascending numbers;
/// `setting` is where it is named.
std::vector<std::size_t> lower_neighbours(const std::vector<CellDefinition>& cells,
                                          std::size_t cell, const config::Value& variable,
                                          const std::string& setting, config::Problems& problems);

}  // namespace prumux::pipeline

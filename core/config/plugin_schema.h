#pragma once

#include <cstdint>
#include <vector>

#include "core/config/schema.h"
#include "core/config/value.h"
#include "prumux/descriptor.h"
#include "prumux/parameters.h"

namespace prumux::config {

/// The parameters of a plugin's method as fields, so that they are checked like the core's own.
std::vector<Field> fields_of(const PrumuxParameterV1* parameters, std::uint32_t count);

/// What the method receives, from a map that was validated against `fields_of` the same table.
Parameters parameters_of(const Value& validated, const PrumuxParameterV1* parameters,
                         std::uint32_t count);

}  // namespace prumux::config

#pragma once

#include <vector>

#include "core/config/schema.h"

namespace prumux::pipeline {

/// The sections `data`, `model` and `multiplexer` of a pipeline file.
std::vector<config::Field> pipeline_sections();

}  // namespace prumux::pipeline

#pragma once

#include <cstdint>

namespace prumux::datamux {

/// Whether `config_json`, a model's config.json, describes a multiplexed model with variants of
/// this plugin: writes the method's parameters as a JSON object into `parameters_json` [size] and
/// returns 1. Returns 0 for any other text, and when the object does not fit.
int recognise(const char* config_json, char* parameters_json, std::uint32_t size) noexcept;

}  // namespace prumux::datamux

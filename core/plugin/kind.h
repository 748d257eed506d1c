#pragma once

#include <cstdint>
#include <string>

namespace prumux::plugin {

/// "compressor", "multiplexer" or "performance model"; "kind 7" for a number that is none of them.
std::string kind_name(std::uint32_t kind);

}  // namespace prumux::plugin

#include "core/plugin/kind.h"

#include "prumux/descriptor.h"

namespace prumux::plugin {

std::string kind_name(std::uint32_t kind) {
  switch (kind) {
    case PRUMUX_COMPRESSOR:
      return "compressor";
    case PRUMUX_MULTIPLEXER:
      return "multiplexer";
    case PRUMUX_PERFORMANCE_MODEL:
      return "performance model";
    default:
      return "kind " + std::to_string(kind);
  }
}

}  // namespace prumux::plugin

#include "core/model/multiplexer_call.h"

#include <spdlog/fmt/fmt.h>

#include "core/model/state_reader.h"
#include "core/plugin/registry.h"

namespace prumux::model {

std::string describe_multiplexer(const MultiplexerConfig& config) {
  return plugin::describe(plugin::Registry::instance().find(PRUMUX_MULTIPLEXER, config.method));
}

void check_multiplexer_result(const MultiplexerConfig& config, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape) {
  if (result.defined() && result.sizes() == shape) return;
  throw PluginError(fmt::format(
      "{} failed in {}: it returned {}, expected shape {}", describe_multiplexer(config), function,
      result.defined() ? "shape " + shape_text(result.sizes()) : "nothing", shape_text(shape)));
}

}  // namespace prumux::model

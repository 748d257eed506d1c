#include "core/model/multiplexer_call.h"

#include <spdlog/fmt/fmt.h>

#include "core/model/state_reader.h"

namespace prumux::model {

void fail_multiplexer(const MultiplexerConfig& config, const char* function,
                      const std::string& problem) {
  throw PluginError(
      fmt::format("multiplexer '{}' failed in {}: {}", config.method, function, problem));
}

void check_multiplexer_result(const MultiplexerConfig& config, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape) {
  if (result.defined() && result.sizes() == shape) return;
  fail_multiplexer(config, function,
                   fmt::format("it returned {}, expected shape {}",
                               result.defined() ? "shape " + shape_text(result.sizes()) : "nothing",
                               shape_text(shape)));
}

}  // namespace prumux::model

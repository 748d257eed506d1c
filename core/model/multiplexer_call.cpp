#include "core/model/multiplexer_call.h"

#include "core/model/plugin_result.h"
#include "core/plugin/registry.h"

namespace prumux::model {

MultiplexerArguments multiplexer_arguments(const ModelConfig& config) {
  MultiplexerArguments arguments;
  arguments.encoder = config.encoder;
  arguments.num_instances = config.multiplexer->num_instances;
  arguments.padding = config.multiplexer->padding;
  arguments.cls_token_id = config.multiplexer->cls_token_id;
  arguments.parameters = config.multiplexer->parameters;
  return arguments;
}

std::string describe_multiplexer(const MultiplexerConfig& config) {
  return plugin::describe(plugin::Registry::instance().find(PRUMUX_MULTIPLEXER, config.method));
}

void check_multiplexer_result(const MultiplexerConfig& config, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape) {
  if (has_shape(result, shape)) return;
  fail_result(describe_multiplexer(config), function, result, shape);
}

}  // namespace prumux::model

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/config.h"
#include "core/plugin/call_plugin.h"

namespace prumux::model {

/// What a multiplexer is made with; without `embed_tokens`. Only of a multiplexed model.
MultiplexerArguments multiplexer_arguments(const ModelConfig& config);

/// "multiplexer 'x' (plugin y 1.0, FILE)".
std::string describe_multiplexer(const MultiplexerConfig& config);

/// Throws `PluginError` when a plugin returned a tensor of another shape than its interface says.
void check_multiplexer_result(const MultiplexerConfig& config, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape);

/// Runs a function of a multiplexer; what it throws names method, plugin and function.
template <typename Work>
auto call_multiplexer(const MultiplexerConfig& config, const char* function, const Work& work) {
  return plugin::call_plugin(
      [&] { return describe_multiplexer(config) + " failed in " + function; }, work);
}

}  // namespace prumux::model

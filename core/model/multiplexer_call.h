#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "core/model/config.h"
#include "prumux/error.h"

namespace prumux::model {

[[noreturn]] void fail_multiplexer(const MultiplexerConfig& config, const char* function,
                                   const std::string& problem);

/// Throws `PluginError` when a plugin returned a tensor of another shape than its interface says.
void check_multiplexer_result(const MultiplexerConfig& config, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape);

/// Runs a function of a multiplexer; what it throws that is no error of ours becomes a
/// `PluginError` naming method and function.
template <typename Work>
auto call_multiplexer(const MultiplexerConfig& config, const char* function, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& problem) {
    fail_multiplexer(config, function, problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    fail_multiplexer(config, function, problem.what());
  }
}

}  // namespace prumux::model

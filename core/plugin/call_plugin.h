#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>

#include "core/plugin/error_context.h"

namespace prumux::plugin {

/// Runs a function of a plugin: an error of ours keeps its type, anything else, whatever it is,
/// becomes a `PluginError`. In front stands `context()`.
template <typename Context, typename Work>
auto call_plugin(const Context& context, const Work& work) {
  const auto fail = [](const std::string& reason) {
    return PluginError(reason + " - a mistake in the plugin; report it to its author");
  };
  return with_context(context, [&] {
    try {
      return work();
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const c10::Error& problem) {
      throw fail(problem.what_without_backtrace());
    } catch (const std::exception& problem) {
      throw fail(problem.what());
    } catch (...) {
      throw fail("an exception of an unknown type");
    }
  });
}

}  // namespace prumux::plugin

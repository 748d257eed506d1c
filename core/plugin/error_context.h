#pragma once

#include <string>
#include <string_view>

#include "prumux/error.h"

namespace prumux::plugin {

/// Runs `work`; an error of ours goes on as the same type, with `context()` and ": " in front.
template <typename Context, typename Work>
auto with_context(const Context& context, const Work& work) {
  const auto text = [&](const Error& problem) { return context() + ": " + problem.what(); };
  try {
    return work();
  } catch (const Interrupted&) {
    throw;
  } catch (const ConfigError& problem) {
    throw ConfigError(text(problem));
  } catch (const DataError& problem) {
    throw DataError(text(problem));
  } catch (const IoError& problem) {
    throw IoError(text(problem));
  } catch (const NumericError& problem) {
    throw NumericError(text(problem));
  } catch (const PluginError& problem) {
    throw PluginError(text(problem));
  }
}

/// Names the stage, and the step where there is one, unless the message begins with the stage.
template <typename Context, typename Work>
auto in_stage(const Context& context, const Work& work) {
  try {
    return work();
  } catch (const Error& problem) {
    if (std::string_view(problem.what()).starts_with("stage '")) throw;
    return with_context(context, [&]() -> decltype(work()) { throw; });
  }
}

}  // namespace prumux::plugin

#pragma once

#include <c10/util/Exception.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <span>
#include <string>

#include "prumux/compressor.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"
#include "prumux/export.h"
#include "prumux/fingerprint.h"
#include "prumux/multiplexer.h"
#include "prumux/performance_model.h"

/// All that a plugin needs. See docs/plugin-guide.md.

namespace prumux {
namespace detail {

/// Runs `work`; an exception ends as a status and a text in `error`, since none may cross the C
/// border.
template <typename Work>
int guarded(PrumuxErrorV1* error, const Work& work) noexcept {
  const auto report = [error](PrumuxStatus status, const char* text) {
    std::snprintf(error->text, sizeof(error->text), "%s", text);
    return static_cast<int>(status);
  };
  try {
    work();
    return PRUMUX_DONE;
  } catch (const ConfigError& problem) {
    return report(PRUMUX_BAD_CONFIGURATION, problem.what());
  } catch (const c10::Error& problem) {
    return report(PRUMUX_FAILED, problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    return report(PRUMUX_FAILED, problem.what());
  } catch (...) {
    return report(PRUMUX_FAILED, "an exception of an unknown type");
  }
}

template <typename Interface>
void destroy(void* instance) {
  delete static_cast<Interface*>(instance);
}

template <typename Interface, typename Arguments, typename Method>
int create(const void* arguments, void** instance, PrumuxErrorV1* error) {
  return guarded(error, [&] {
    Interface* made = new Method(*static_cast<const Arguments*>(arguments));
    *instance = made;
  });
}

template <typename Interface, typename Arguments, typename Method>
constexpr PrumuxMethodV1 method(PrumuxKind kind, const char* name, const char* summary,
                                const char* source, std::span<const PrumuxParameterV1> parameters,
                                uint32_t capabilities,
                                int (*recognise)(const char*, char*, uint32_t)) {
  return {sizeof(PrumuxMethodV1),
          static_cast<uint32_t>(kind),
          1,
          capabilities,
          name,
          summary,
          source,
          parameters.data(),
          static_cast<uint32_t>(parameters.size()),
          &create<Interface, Arguments, Method>,
          &destroy<Interface>,
          recognise};
}

}  // namespace detail

/// Schema entries; a null `default_value` makes the parameter required.
constexpr PrumuxParameterV1 boolean_parameter(const char* name, const char* default_value,
                                              const char* help) {
  return {name, PRUMUX_BOOLEAN, default_value, -HUGE_VAL, HUGE_VAL, nullptr, "", help};
}
constexpr PrumuxParameterV1 integer_parameter(const char* name, const char* default_value,
                                              double minimum, double maximum, const char* unit,
                                              const char* help) {
  return {name, PRUMUX_INTEGER, default_value, minimum, maximum, nullptr, unit, help};
}
constexpr PrumuxParameterV1 real_parameter(const char* name, const char* default_value,
                                           double minimum, double maximum, const char* unit,
                                           const char* help) {
  return {name, PRUMUX_REAL, default_value, minimum, maximum, nullptr, unit, help};
}
constexpr PrumuxParameterV1 string_parameter(const char* name, const char* default_value,
                                             const char* choices, const char* help) {
  return {name, PRUMUX_STRING, default_value, -HUGE_VAL, HUGE_VAL, choices, "", help};
}
constexpr PrumuxParameterV1 real_list_parameter(const char* name, const char* default_value,
                                                double minimum, double maximum, const char* unit,
                                                const char* help) {
  return {name, PRUMUX_REAL_LIST, default_value, minimum, maximum, nullptr, unit, help};
}

/// A compressor for the plugin's table. `Method` has a constructor from `CompressorArguments`.
template <typename Method>
constexpr PrumuxMethodV1 compressor_method(const char* name, const char* summary,
                                           const char* source,
                                           std::span<const PrumuxParameterV1> parameters,
                                           uint32_t capabilities = 0) {
  return detail::method<Compressor, CompressorArguments, Method>(
      PRUMUX_COMPRESSOR, name, summary, source, parameters, capabilities, nullptr);
}

/// A multiplexer for the plugin's table. `Method` has a constructor from `MultiplexerArguments`.
template <typename Method>
constexpr PrumuxMethodV1 multiplexer_method(
    const char* name, const char* summary, const char* source,
    std::span<const PrumuxParameterV1> parameters,
    int (*recognise)(const char*, char*, uint32_t) = nullptr, uint32_t capabilities = 0) {
  return detail::method<Multiplexer, MultiplexerArguments, Method>(
      PRUMUX_MULTIPLEXER, name, summary, source, parameters, capabilities, recognise);
}

/// A performance model for the plugin's table. `Method` has a constructor from
/// `PerformanceModelArguments`.
template <typename Method>
constexpr PrumuxMethodV1 performance_model_method(const char* name, const char* summary,
                                                  const char* source,
                                                  std::span<const PrumuxParameterV1> parameters,
                                                  uint32_t capabilities = 0) {
  return detail::method<PerformanceModel, PerformanceModelArguments, Method>(
      PRUMUX_PERFORMANCE_MODEL, name, summary, source, parameters, capabilities, nullptr);
}

}  // namespace prumux

/// Exports a plugin; once in a library, at namespace scope. `methods` is a constexpr array of
/// `PrumuxMethodV1`.
#define PRUMUX_PLUGIN(name, version, license, methods)                                         \
  extern "C" PRUMUX_EXPORT __attribute__((                                                     \
      section("prumux"), used)) constexpr PrumuxFingerprintV1 prumux_fingerprint_v1 =          \
      ::prumux::build_fingerprint();                                                           \
  extern "C" PRUMUX_EXPORT __attribute__((used)) constexpr PrumuxPluginV1 prumux_plugin_v1 = { \
      sizeof(PrumuxPluginV1),                                                                  \
      sizeof(methods) / sizeof((methods)[0]),                                                  \
      name,                                                                                    \
      version,                                                                                 \
      license,                                                                                 \
      methods}

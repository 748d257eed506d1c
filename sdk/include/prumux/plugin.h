#pragma once

#include <c10/util/Exception.h>
#include <torch/headeronly/version.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "prumux/compressor.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"
#include "prumux/export.h"
#include "prumux/multiplexer.h"
#include "prumux/performance_model.h"

/// All that a plugin needs. See docs/plugin-guide.md.

#define PRUMUX_STRINGIFY_(x) #x
#define PRUMUX_STRINGIFY(x) PRUMUX_STRINGIFY_(x)

#if defined(__clang__)
#define PRUMUX_COMPILER "clang " PRUMUX_STRINGIFY(__clang_major__)
#else
#define PRUMUX_COMPILER "gcc " PRUMUX_STRINGIFY(__GNUC__)
#endif

#ifdef _GLIBCXX_DEBUG
#define PRUMUX_DEBUG_STL 1
#else
#define PRUMUX_DEBUG_STL 0
#endif

#ifdef NDEBUG
#define PRUMUX_BUILD_KIND "release"
#else
#define PRUMUX_BUILD_KIND "debug"
#endif

namespace prumux {

/// How the translation unit that calls this was built.
constexpr PrumuxFingerprintV1 build_fingerprint() {
  return {PRUMUX_FINGERPRINT_MAGIC,
          sizeof(PrumuxFingerprintV1),
          PRUMUX_ABI_MAJOR,
          PRUMUX_ABI_MINOR,
          _GLIBCXX_USE_CXX11_ABI,
          PRUMUX_DEBUG_STL,
          __cplusplus,
          TORCH_VERSION,
          PRUMUX_COMPILER,
          PRUMUX_SDK_VERSION,
          PRUMUX_BUILD_KIND};
}

namespace detail {

/// Runs `work`; an exception ends as a text in `error`, since none may cross the C border.
template <typename Work>
int guarded(PrumuxErrorV1* error, const Work& work) noexcept {
  const auto report = [error](const char* text) {
    std::snprintf(error->text, sizeof(error->text), "%s", text);
    return 1;
  };
  try {
    work();
    return 0;
  } catch (const c10::Error& problem) {
    return report(problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    return report(problem.what());
  } catch (...) {
    return report("an exception of an unknown type");
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

template <typename Interface, typename Arguments, typename Method, std::size_t count>
constexpr PrumuxMethodV1 method(PrumuxKind kind, const char* name, const char* summary,
                                const char* source, const PrumuxParameterV1 (&parameters)[count],
                                uint32_t capabilities,
                                int (*recognise)(const char*, char*, uint32_t)) {
  return {sizeof(PrumuxMethodV1),
          static_cast<uint32_t>(kind),
          1,
          capabilities,
          name,
          summary,
          source,
          parameters,
          static_cast<uint32_t>(count),
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
template <typename Method, std::size_t count>
constexpr PrumuxMethodV1 compressor_method(const char* name, const char* summary,
                                           const char* source,
                                           const PrumuxParameterV1 (&parameters)[count],
                                           uint32_t capabilities = 0) {
  return detail::method<Compressor, CompressorArguments, Method>(
      PRUMUX_COMPRESSOR, name, summary, source, parameters, capabilities, nullptr);
}

/// A multiplexer for the plugin's table. `Method` has a constructor from `MultiplexerArguments`.
template <typename Method, std::size_t count>
constexpr PrumuxMethodV1 multiplexer_method(
    const char* name, const char* summary, const char* source,
    const PrumuxParameterV1 (&parameters)[count],
    int (*recognise)(const char*, char*, uint32_t) = nullptr, uint32_t capabilities = 0) {
  return detail::method<Multiplexer, MultiplexerArguments, Method>(
      PRUMUX_MULTIPLEXER, name, summary, source, parameters, capabilities, recognise);
}

/// A performance model for the plugin's table. `Method` has a constructor from
/// `PerformanceModelArguments`.
template <typename Method, std::size_t count>
constexpr PrumuxMethodV1 performance_model_method(const char* name, const char* summary,
                                                  const char* source,
                                                  const PrumuxParameterV1 (&parameters)[count],
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

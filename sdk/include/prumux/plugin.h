#pragma once

#include <c10/util/Exception.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <span>
#include <string>

#include "prumux/compressor.h"
#include "prumux/dataset_reader.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"
#include "prumux/export.h"
#include "prumux/fingerprint.h"
#include "prumux/head.h"
#include "prumux/metric.h"
#include "prumux/multiplexer.h"
#include "prumux/performance_model.h"
#include "prumux/stage.h"

/// @file
/// All that a plugin needs. See docs/plugin-guide.md.

/// What a plugin and its host share.

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
constexpr PrumuxMethodV1 method(PrumuxKind kind, uint32_t interface_version, const char* name,
                                const char* summary, const char* source,
                                std::span<const PrumuxParameterV1> parameters,
                                uint32_t capabilities,
                                int (*recognise)(const char*, char*, uint32_t) = nullptr) {
  return {sizeof(PrumuxMethodV1),
          static_cast<uint32_t>(kind),
          interface_version,
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

/// A schema entry: true or false. In every entry a null `default_value` makes the parameter
/// required, and `help` is one line.
constexpr PrumuxParameterV1 boolean_parameter(const char* name, const char* default_value,
                                              const char* help) {
  return {name, PRUMUX_BOOLEAN, default_value, -HUGE_VAL, HUGE_VAL, nullptr, "", help};
}

/// A schema entry: an integer in [minimum, maximum]; -HUGE_VAL and HUGE_VAL are no bounds.
constexpr PrumuxParameterV1 integer_parameter(const char* name, const char* default_value,
                                              double minimum, double maximum, const char* unit,
                                              const char* help) {
  return {name, PRUMUX_INTEGER, default_value, minimum, maximum, nullptr, unit, help};
}

/// A schema entry: a number in [minimum, maximum].
constexpr PrumuxParameterV1 real_parameter(const char* name, const char* default_value,
                                           double minimum, double maximum, const char* unit,
                                           const char* help) {
  return {name, PRUMUX_REAL, default_value, minimum, maximum, nullptr, unit, help};
}

/// A schema entry: text, one of `choices` ("one|two|three") unless they are null.
constexpr PrumuxParameterV1 string_parameter(const char* name, const char* default_value,
                                             const char* choices, const char* help) {
  return {name, PRUMUX_STRING, default_value, -HUGE_VAL, HUGE_VAL, choices, "", help};
}

/// A schema entry: a list of numbers, each in [minimum, maximum].
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
      PRUMUX_COMPRESSOR, PRUMUX_COMPRESSOR_INTERFACE, name, summary, source, parameters,
      capabilities);
}

/// A multiplexer for the plugin's table. `Method` has a constructor from `MultiplexerArguments`.
/// `recognise`: see `PrumuxMethodV1`.
template <typename Method>
constexpr PrumuxMethodV1 multiplexer_method(
    const char* name, const char* summary, const char* source,
    std::span<const PrumuxParameterV1> parameters,
    int (*recognise)(const char*, char*, uint32_t) = nullptr, uint32_t capabilities = 0) {
  return detail::method<Multiplexer, MultiplexerArguments, Method>(
      PRUMUX_MULTIPLEXER, PRUMUX_MULTIPLEXER_INTERFACE, name, summary, source, parameters,
      capabilities, recognise);
}

/// A performance model for the plugin's table. `Method` has a constructor from
/// `PerformanceModelArguments`.
template <typename Method>
constexpr PrumuxMethodV1 performance_model_method(const char* name, const char* summary,
                                                  const char* source,
                                                  std::span<const PrumuxParameterV1> parameters,
                                                  uint32_t capabilities = 0) {
  return detail::method<PerformanceModel, PerformanceModelArguments, Method>(
      PRUMUX_PERFORMANCE_MODEL, PRUMUX_PERFORMANCE_MODEL_INTERFACE, name, summary, source,
      parameters, capabilities);
}

/// A stage for the plugin's table. `Method` has a constructor from `StageArguments`; `capabilities`
/// say what it reads and writes.
template <typename Method>
constexpr PrumuxMethodV1 stage_method(const char* name, const char* summary, const char* source,
                                      std::span<const PrumuxParameterV1> parameters,
                                      uint32_t capabilities) {
  return detail::method<Stage, StageArguments, Method>(PRUMUX_STAGE, PRUMUX_STAGE_INTERFACE, name,
                                                       summary, source, parameters, capabilities);
}

/// A metric for the plugin's table. `Method` has a constructor from `MetricArguments`.
template <typename Method>
constexpr PrumuxMethodV1 metric_method(const char* name, const char* summary, const char* source,
                                       std::span<const PrumuxParameterV1> parameters) {
  return detail::method<Metric, MetricArguments, Method>(PRUMUX_METRIC, PRUMUX_METRIC_INTERFACE,
                                                         name, summary, source, parameters, 0);
}

/// A dataset reader for the plugin's table. `Method` has a constructor from
/// `DatasetReaderArguments`.
template <typename Method>
constexpr PrumuxMethodV1 dataset_reader_method(const char* name, const char* summary,
                                               const char* source,
                                               std::span<const PrumuxParameterV1> parameters) {
  return detail::method<DatasetReader, DatasetReaderArguments, Method>(
      PRUMUX_DATASET_READER, PRUMUX_DATASET_READER_INTERFACE, name, summary, source, parameters, 0);
}

/// A head for the plugin's table. `Method` has a constructor from `HeadArguments`.
template <typename Method>
constexpr PrumuxMethodV1 head_method(const char* name, const char* summary, const char* source,
                                     std::span<const PrumuxParameterV1> parameters) {
  return detail::method<Head, HeadArguments, Method>(PRUMUX_HEAD, PRUMUX_HEAD_INTERFACE, name,
                                                     summary, source, parameters, 0);
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

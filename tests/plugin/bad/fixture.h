#pragma once

#include <cmath>
#include <span>

#include "prumux/descriptor.h"
#include "prumux/export.h"
#include "prumux/fingerprint.h"

// Descriptors written by hand, for what the SDK's own macros would not let pass.

namespace fixture {

inline int create_nothing(const void*, void**, PrumuxErrorV1*) { return PRUMUX_FAILED; }
inline void destroy_nothing(void*) {}

constexpr PrumuxMethodV1 method(const char* name,
                                std::span<const PrumuxParameterV1> parameters = {}) {
  return {sizeof(PrumuxMethodV1),
          PRUMUX_PERFORMANCE_MODEL,
          1,
          0,
          name,
          "a summary",
          "a source",
          parameters.data(),
          static_cast<uint32_t>(parameters.size()),
          &create_nothing,
          &destroy_nothing,
          nullptr};
}

constexpr PrumuxPluginV1 plugin(const char* name, std::span<const PrumuxMethodV1> methods) {
  return {sizeof(PrumuxPluginV1), static_cast<uint32_t>(methods.size()), name, "0.1", "MIT",
          methods.data()};
}

}  // namespace fixture

#define FIXTURE_FINGERPRINT                                                           \
  extern "C" PRUMUX_EXPORT __attribute__((                                            \
      section("prumux"), used)) constexpr PrumuxFingerprintV1 prumux_fingerprint_v1 = \
      prumux::build_fingerprint()

#define FIXTURE_PLUGIN(...)                                                                  \
  FIXTURE_FINGERPRINT;                                                                       \
  extern "C" PRUMUX_EXPORT __attribute__((used)) constexpr PrumuxPluginV1 prumux_plugin_v1 = \
      __VA_ARGS__

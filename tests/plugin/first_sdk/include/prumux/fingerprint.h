#pragma once

#include <torch/headeronly/version.h>

#include <string>

#include "prumux/descriptor.h"

/// How a translation unit was compiled. The libraries of C++ and torch cross the border between
/// host and plugin, so both must have been built alike.

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

}  // namespace prumux

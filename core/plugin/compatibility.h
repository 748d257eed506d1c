#pragma once

#include <span>
#include <string>
#include <vector>

#include "prumux/descriptor.h"

namespace prumux::plugin {

/// One respect in which plugin and host were not built alike.
struct Mismatch {
  std::string field;
  std::string plugin_value;
  std::string host_value;
  std::string remedy;
};

/// How this program was built.
const PrumuxFingerprintV1& host_fingerprint();

/// Whether `plugin` can work in this program: the same major version of the ABI and a minor version
/// that is not newer; the same libtorch, compiler, string ABI and debug mode of the standard
/// library. Empty when it can.
std::vector<Mismatch> check_compatibility(const PrumuxFingerprintV1& plugin);

/// All of them in one sentence.
std::string describe(const std::vector<Mismatch>& mismatches);

/// The text in a fixed-size field, which a damaged file need not have terminated; what cannot be
/// printed becomes '?'.
std::string field_text(std::span<const char> field);

}  // namespace prumux::plugin

#pragma once

#include <filesystem>
#include <optional>

#include "prumux/descriptor.h"

namespace prumux::plugin {

/// Reads a plugin's fingerprint out of the file, without loading it. Nothing when the library has
/// no section "prumux", that is when it is no plugin. Fields beyond the length of an older and
/// shorter fingerprint are zero.
///
/// Throws `PluginError` (the reason, without the file's name) when the file cannot be read, is no
/// shared library of this machine, or is damaged.
std::optional<PrumuxFingerprintV1> read_fingerprint(const std::filesystem::path& file);

}  // namespace prumux::plugin

#pragma once

#include <filesystem>

#include "prumux/descriptor.h"

namespace prumux::plugin {

/// Loads the plugin `file` for the rest of the process, after its fingerprint was found compatible,
/// and checks what it offers. Null when the library is no plugin.
///
/// Throws `PluginError` with the reason, without the file's name.
const PrumuxPluginV1* load_plugin(const std::filesystem::path& file);

}  // namespace prumux::plugin

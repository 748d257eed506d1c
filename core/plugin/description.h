#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/plugin/compatibility.h"
#include "core/plugin/registry.h"

namespace prumux::plugin {

/// "needs a teacher", ...: the capabilities of a method, none when it has none.
std::vector<std::string> capability_texts(std::uint32_t capabilities);

/// In what the build of a plugin that works differs from this program: informative fields only.
std::vector<Mismatch> harmless_differences(const PrumuxFingerprintV1& plugin);

// Objects of `plugins list --json` and `plugins inspect --json`.

/// Everything about a method: its texts, parameters, capabilities, versions, file and build.
nlohmann::ordered_json to_json(const Method& method);

/// The file, the reason, and the build where it can be read.
nlohmann::ordered_json to_json(const Rejection& rejection);

/// Methods, rejected files and search path.
nlohmann::ordered_json to_json(Registry& registry);

}  // namespace prumux::plugin

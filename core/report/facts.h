#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace prumux::report {

/// Everything that the page shows, as one object: `name`, `task`, `folder`, `made`, `notes`,
/// `variables`, `order`, `cells`, `prediction`, `search`, `curves`, `structures`, `stages`,
/// `versions`, `measured_with`, `configuration`. Reads nothing but the run's folder, changes
/// nothing, and may do so while a run works in it: what is missing or damaged is absent, with a
/// line in `notes`. Throws `DataError` when `run` is no run folder, `IoError` when it is not there.
nlohmann::json collect_facts(const std::filesystem::path& run);

}  // namespace prumux::report

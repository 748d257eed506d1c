#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace prumux::report {

inline constexpr const char* kDefaultName = "report.html";

/// Writes the page about a run to `out`, and returns what a program wants to know about it: `out`,
/// and how many `cells` and `stages` are in it. Throws what `collect_facts` does, and `IoError`.
nlohmann::json write_report(const std::filesystem::path& run, const std::filesystem::path& out);

}  // namespace prumux::report

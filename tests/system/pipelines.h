#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace prumux::test {

std::filesystem::path sample_folder();

/// The arguments of `prumux run configs/quickstart.yaml`, made to take seconds: one cell with two
/// instances, few steps, checkpoints after every few. Runs in `folder`.
std::vector<std::string> short_quickstart(const std::filesystem::path& folder);

/// Arguments followed by `--set` and each of `settings`.
std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings);

}  // namespace prumux::test

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace prumux::train {

/// Step of the newest complete checkpoint of a training in `directory`; none when there is none.
std::optional<std::int64_t> newest_checkpoint_step(const std::filesystem::path& directory);

}  // namespace prumux::train

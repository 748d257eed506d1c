#pragma once

#include <filesystem>

namespace prumux::pipeline {

// All of them throw `IoError`.

/// Does nothing when it is not there.
void remove_folder(const std::filesystem::path& folder);

/// Removes what is in the folder of a stage, but for the lock file, which this process holds open.
void discard_result(const std::filesystem::path& stage_folder);

/// Removes what a killed process was writing when it died (see core/io/atomic_file.h).
void remove_unfinished_files(const std::filesystem::path& stage_folder);

}  // namespace prumux::pipeline

#pragma once

#include <filesystem>

#include "prumux/tensors.h"

namespace prumux::model {

/// Reads a safetensors file. Throws `IoError`, or `DataError` naming file and tensor for a header
/// that is no JSON, tensors that overlap, leave gaps, are cut off or have a wrong size.
TensorMap read_safetensors(const std::filesystem::path& file);

/// Writes tensors (any strides and device) sorted by name, in one step: a crash leaves the old
/// file.
void write_safetensors(const std::filesystem::path& file, const TensorMap& tensors);

}  // namespace prumux::model

#pragma once

#include <filesystem>

#include "prumux/tensors.h"

namespace prumux::model {

/// Reads a dictionary of tensors as `torch.save` writes it (pytorch_model.bin, zs.pt): a zip
/// archive with a pickle. The pickle is interpreted by a reader that knows tensors, storages and
/// containers and runs nothing. Throws `IoError`, or `DataError` for anything else, the pre-1.6
/// format included.
TensorMap read_torch_archive(const std::filesystem::path& file);

}  // namespace prumux::model

#pragma once

#include <filesystem>

#include "prumux/encoder.h"
#include "prumux/structure.h"

namespace prumux::model {

/// Reads `head_z`, `head_layer_z`, `intermediate_z`, `mlp_z`, `hidden_z`, any subset, from a
/// safetensors file or a `torch.save`d dictionary (.pt, .bin). Dimensions of size one are dropped,
/// so a tensor [L, 1, H, 1, 1] fits. Throws `DataError` when a tensor does not fit `encoder`.
StructureMasks read_masks(const std::filesystem::path& file, const EncoderConfig& encoder);

}  // namespace prumux::model

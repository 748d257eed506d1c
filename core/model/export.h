#pragma once

#include <filesystem>

#include "core/model/model.h"

namespace prumux::model {

/// Writes config.json and model.safetensors for Hugging Face transformers and the reference
/// projects: every name of a shared tensor, none of our own fields. Throws `DataError` for a model
/// that they cannot express: pruned hidden dimensions beside an unpruned first pass, a block that
/// has lost all of its units but not its bias.
void save_hugging_face(const Model& model, const std::filesystem::path& directory);

}  // namespace prumux::model

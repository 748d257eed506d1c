#pragma once

#include <filesystem>

#include "core/model/model.h"

namespace prumux::onnx {

/// Writes `directory`/model.onnx and config.json: int64 inputs input_ids, attention_mask and, in
/// plain models with several token types, token_type_ids [rows, length]; output logits. Rows of a
/// multiplexed model come in complete groups: row r is instance r mod N of group r / N.
/// Throws `DataError` when the model has a multiplexer without a closed form, and `IoError`.
void save_onnx(const model::Model& model, const std::filesystem::path& directory);

}  // namespace prumux::onnx

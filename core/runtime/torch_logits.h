#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/engine_options.h"
#include "core/runtime/row_source.h"

namespace prumux::runtime {

/// Throws `ConfigError` for a number format that libtorch has not. `what` is computed, for the
/// message: "words are labelled".
void check_torch_precision(Precision precision, const std::string& what);

/// Logits by the model's own forward pass, on libtorch, in groups of similar lengths: of each row
/// in the order of the source, [its length, num_labels] from a model that labels tokens,
/// [num_labels] from others. float32. Throws `NumericError` when one is no number.
std::vector<at::Tensor> torch_logits(model::Model& model, const EngineOptions& options,
                                     const RowSource& rows, std::int64_t grouping);

}  // namespace prumux::runtime

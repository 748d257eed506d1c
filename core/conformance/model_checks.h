#pragma once

#include <ATen/core/Tensor.h>

#include "core/model/model.h"
#include "core/text/batch.h"
#include "prumux/structure.h"

namespace prumux::conformance {

// What holds of every model, whatever plugins it is made of. Each throws `Failure` otherwise.

/// The model's answer, without gradients.
at::Tensor logits_of(model::Model& model, const text::Batch& batch,
                     const StructureMasks* masks = nullptr);

/// Two equal models answer in the same bits, and the second one does so twice.
void expect_same_bits(model::Model& first, model::Model& second, const text::Batch& batch);

/// Prunes the sample model by `sample_hidden_masks`: it answers as it did under the masks.
void expect_shrinks_as_masked(model::Model& model, const text::Batch& batch);

/// Saved, and loaded under another seed, the model answers in the same bits.
void expect_survives_saving(model::Model& model, const text::Batch& batch);

}  // namespace prumux::conformance

#pragma once

#include <ATen/core/Tensor.h>

#include "prumux/encoder.h"
#include "prumux/export.h"
#include "prumux/structure.h"

namespace prumux {

/// How important every prunable unit of an encoder is; more is more important. Units of a kind
/// whose tensor is undefined are all kept.
struct StructureScores {
  at::Tensor head;          ///< [L, H].
  at::Tensor intermediate;  ///< [L, I].
  at::Tensor hidden;        ///< [d].
};

/// By what heads and intermediate dimensions of all layers are compared.
enum class Ranking {
  global,    ///< Their score for each parameter that they cost.
  balanced,  ///< How far the score is above the mean of its kind and layer, in deviations.
};

/// Masks of zeros and ones that keep the most important units, so that physical pruning removes the
/// share `sparsity`, in [0, 1), of the parameters of attention and FFN blocks (weights and biases),
/// to half an intermediate dimension where there are enough of them. Of hidden dimensions the share
/// sqrt(1 - sparsity) is kept. A block that has lost all its units is removed as a whole.
/// Throws `DataError` when a score has not the shape for `encoder`, or is not a number.
PRUMUX_EXPORT StructureMasks keep_most_important(const StructureScores& scores,
                                                 const EncoderConfig& encoder, double sparsity,
                                                 Ranking ranking);

/// Share of the parameters of attention and FFN blocks (weights and biases) that physical pruning
/// under `masks` removes.
PRUMUX_EXPORT double removed_share(const StructureMasks& masks, const EncoderConfig& encoder);

}  // namespace prumux

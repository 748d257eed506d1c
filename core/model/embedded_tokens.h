#pragma once

#include <ATen/core/Tensor.h>

#include "core/model/embeddings.h"

namespace prumux::model {

/// The sum of the three embeddings, its LayerNorm and dropout: [R, L, e] float32, in one pass over
/// the tokens and one backwards, of which nothing is kept but the rows' moments (BERT's embedding
/// layer, Devlin et al. 2019).
at::Tensor embed_tokens(const EmbeddingTables& tables, const TokenPlaces& places, double eps,
                        double dropout_probability);

}  // namespace prumux::model

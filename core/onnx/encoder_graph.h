#pragma once

#include "core/model/encoder.h"
#include "core/onnx/graph.h"

namespace prumux::onnx {

/// Token ids [..., L] and types of that shape ("": all 0) -> embeddings [..., L, d'], the first
/// pass.
Value embed(Graph& graph, const model::Encoder& encoder, const Value& input_ids,
            const Value& token_type_ids);

/// Multiplexed embeddings [B, L, d'] of ids [..., L] -> [B, L, d'], the second pass.
Value embed_again(Graph& graph, const model::Encoder& encoder, const Value& mixed,
                  const Value& input_ids);

/// Embeddings [B, L, d'] -> hidden states of the last layer. `attention_mask` [B, L] int64; "":
/// every position is attended to.
Value encode(Graph& graph, const model::Encoder& encoder, const Value& embedded,
             const Value& attention_mask);

}  // namespace prumux::onnx

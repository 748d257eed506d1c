#pragma once

#include <cstdint>

#include "core/onnx/graph.h"
#include "prumux/inference_form.h"

namespace prumux::onnx {

/// Rows of tokens in groups.
struct GroupedRows {
  Value input_ids;       ///< [B, N, L].
  Value attention_mask;  ///< [B, N, L] int64.
};

/// A multiplexer in closed form, as nodes. B groups of N instances.
class MultiplexerGraph {
 public:
  /// `masked`: padding does not count (see `PaddingSemantics`).
  MultiplexerGraph(Graph& graph, const InferenceForm& form, std::int64_t num_instances, bool masked)
      : graph_(graph), form_(form), num_instances_(num_instances), masked_(masked) {}

  /// Rows [B*N, L] -> their groups, with what the multiplexer puts in front: [B, N, L'].
  GroupedRows group(const Value& input_ids, const Value& attention_mask) const;

  /// Embeddings [B, N, L', d] -> [B, L', d'].
  Value mix(const Value& embedded, const GroupedRows& rows) const;

  /// [B, L'] int64 for the encoder; "" where padding is attended to.
  Value attention_mask(const GroupedRows& rows) const;

  /// Hidden states [B, L', d'], and the chosen ones of them [B, T, d'] -> features [B, N, T, d].
  Value separate(const Value& hidden, const Value& chosen) const;

 private:
  /// The same [1, N, n] for every group of `ids` [B, N, L]: [B, N, n].
  Value for_each_group(const at::Tensor& values, const Value& ids) const;
  Value normalise(const Value& x, const NormForm& norm) const;

  Graph& graph_;
  const InferenceForm& form_;
  std::int64_t num_instances_;
  bool masked_;
};

}  // namespace prumux::onnx

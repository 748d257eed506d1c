#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/export.h"

namespace prumux {

/// Masks over the prunable units of an encoder with L layers, H heads, I intermediate and d hidden
/// dimensions. An undefined tensor keeps every unit of its kind. Values are in [0, 1]: 0 removes
/// a unit, anything else scales its output (CoFi's z; Xia et al. 2022, section 3.1).
struct StructureMasks {
  at::Tensor head;          ///< [L, H]: scales each head's context.
  at::Tensor head_layer;    ///< [L]: scales the attention block; 0 makes the block an identity.
  at::Tensor intermediate;  ///< [L, I]: scales the FFN's activations.
  at::Tensor mlp;           ///< [L]: scales the FFN block; 0 makes the block an identity.
  at::Tensor hidden;        ///< [d]: scales the residual stream.

  /// Whether every unit is kept as it is.
  bool empty() const;

  /// Throws `DataError` naming the tensor and both shapes when one does not fit `encoder`.
  PRUMUX_EXPORT void check(const EncoderConfig& encoder) const;
};

/// What is left of one encoder layer. A block that is not present is an identity, its LayerNorm
/// included; a present block without units still adds its bias and normalises.
struct LayerPlan {
  bool attention_present = true;            ///< Whether the attention block is there.
  double attention_scale = 1.0;             ///< Scales what the block adds.
  std::vector<std::int64_t> heads;          ///< Kept heads, ascending.
  std::vector<double> head_scales;          ///< One factor for each kept head.
  bool mlp_present = true;                  ///< Whether the feed-forward block is there.
  double mlp_scale = 1.0;                   ///< Scales what the block adds.
  std::vector<std::int64_t> intermediate;   ///< Kept intermediate dimensions, ascending.
  std::vector<double> intermediate_scales;  ///< One factor for each of them.
};

/// Which units survive physical pruning, and the factors to fold into the weights.
struct PrunePlan {
  std::vector<LayerPlan> layers;      ///< One for each layer.
  std::vector<std::int64_t> hidden;   ///< Kept hidden dimensions, ascending; at least one.
  std::vector<double> hidden_scales;  ///< One factor for each of them.

  /// Keeps the units whose mask is not zero, scaled by their masks.
  /// Throws `DataError` when a shape does not fit, or no hidden dimension would be left.
  PRUMUX_EXPORT static PrunePlan from_masks(const StructureMasks& masks,
                                            const EncoderConfig& encoder);
};

/// Parameters of one prunable unit, weights and biases, embeddings and LayerNorms not counted
/// (spec of CoFi's L0 module; P_head, P_mlp).
struct UnitCosts {
  std::int64_t head;      ///< One head: its rows of Q, K, V and columns of the output matrix.
  std::int64_t mlp;       ///< One FFN block.
  std::int64_t prunable;  ///< All layers together.

  /// Of the dense architecture.
  PRUMUX_EXPORT static UnitCosts of(const EncoderConfig& encoder);
};

/// Whether a parameter of a checkpoint counts for `UnitCosts`, and so for sparsity: a weight or
/// bias of an attention or FFN block. Of them the tensors of two dimensions are the weights.
PRUMUX_EXPORT bool is_block_parameter(const std::string& name);

/// What stands in place of ".weight" in the name of the second factor [rank, in] of a factorised
/// weight, whose first factor [out, rank] keeps the weight's name.
inline constexpr const char* kReductionSuffix = ".reduction.weight";

}  // namespace prumux

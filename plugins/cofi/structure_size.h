#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/structure.h"
#include "unit_tensors.h"

namespace prumux::cofi {

/// Units that are left of an encoder. A unit of a removed block does not count.
struct KeptStructure {
  std::vector<std::int64_t> heads;          ///< For each layer.
  std::vector<std::int64_t> intermediates;  ///< For each layer.
  std::int64_t attention_blocks = 0;
  std::int64_t mlp_blocks = 0;
  std::int64_t hidden = 0;

  std::int64_t total_heads() const;
  std::int64_t total_intermediates() const;

  /// What remains where a mask is not zero.
  static KeptStructure of(const StructureMasks& masks, const EncoderConfig& encoder);
};

/// Parameter counts of the encoder's attention and FFN blocks, LayerNorms and embeddings not
/// counted: the prunable parameters.
///
/// `head`, `mlp`, `intermediate` and `prunable` are those of CoFi's training objective. Its authors
/// count 4d biases for an FFN block's first matrix, which is I only when I = 4d. Trained models of
/// theirs depend on it, so the objective keeps it; the share really removed is counted exactly.
class StructureSize {
 public:
  explicit StructureSize(const EncoderConfig& encoder);

  std::int64_t head() const { return head_; }
  std::int64_t mlp() const { return mlp_; }
  std::int64_t intermediate() const { return mlp_ / encoder_.intermediate_size; }
  std::int64_t prunable() const { return prunable_; }

  /// Expected number of parameters, a differentiable scalar, for the probability of each unit to be
  /// kept. A kind that is not pruned is kept with probability 1.
  at::Tensor expected(const UnitTensors& keep_probability) const;

  /// CoFi's sparsity of hard masks: weight matrices only, against `prunable`.
  double matrix_sparsity(const KeptStructure& kept) const;

  /// Share of the prunable parameters, weights and biases, that physical pruning removes.
  double removed_share(const KeptStructure& kept) const;

 private:
  std::int64_t parameters(const KeptStructure& kept) const;

  EncoderConfig encoder_;
  std::int64_t head_;
  std::int64_t mlp_;
  std::int64_t prunable_;
};

}  // namespace prumux::cofi

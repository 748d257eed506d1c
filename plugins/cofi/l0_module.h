#pragma once

#include <c10/core/Device.h>

#include "prumux/encoder.h"
#include "prumux/structure.h"
#include "pruning_type.h"
#include "structure_size.h"
#include "unit_tensors.h"

namespace prumux::cofi {

/// CoFi's L0 regularisation (Xia et al. 2022, section 3; Louizos et al. 2018): one trainable
/// log-alpha for each prunable unit, and the masks that follow from them.
class L0Module {
 public:
  /// Draws the log-alphas from libtorch's default generator: N(10, 0.01), so that everything is
  /// kept, but N(0, 0.01) for intermediate dimensions, as CoFi's authors do.
  L0Module(const PruningType& type, const EncoderConfig& encoder, double temperature,
           const c10::Device& device);

  /// The trainable leaves.
  const UnitTensors& log_alphas() const { return log_alphas_; }

  /// Uniform noise for one micro-batch, from libtorch's default generator.
  UnitTensors noise() const;

  /// Masks of one micro-batch, with gradients to the log-alphas.
  StructureMasks sample(const UnitTensors& noise) const;

  /// Masks that remove the expected number of units.
  StructureMasks deterministic() const;

  /// As `deterministic`, but with so many units removed that physical pruning removes the share
  /// `target_sparsity` of the prunable parameters. See `match_removals`.
  StructureMasks matched(double target_sparsity) const;

  /// Expected share of the prunable parameters that is removed: a differentiable scalar.
  at::Tensor expected_sparsity() const;

  /// Puts the log-alphas back into their bounds; to be called after every optimiser step.
  void clamp();

 private:
  EncoderConfig encoder_;
  StructureSize size_;
  double temperature_;
  UnitTensors log_alphas_;
};

}  // namespace prumux::cofi

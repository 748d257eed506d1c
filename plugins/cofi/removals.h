#pragma once

#include <cstdint>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/structure.h"
#include "structure_size.h"
#include "unit_tensors.h"

namespace prumux::cofi {

/// How many units of each vector of log-alphas are removed; which ones, their ranks decide.
struct Removals {
  std::vector<std::int64_t> head;          ///< For each layer.
  std::vector<std::int64_t> intermediate;  ///< For each layer.
  std::int64_t hidden = 0;
  std::vector<std::int64_t> mlp;         ///< 0 or 1 for each layer.
  std::vector<std::int64_t> head_layer;  ///< 0 or 1 for each layer.

  /// The expected numbers. At least one hidden dimension stays.
  static Removals expected(const UnitTensors& log_alphas, const EncoderConfig& encoder,
                           double temperature);

  KeptStructure kept(const EncoderConfig& encoder) const;

  StructureMasks masks(const UnitTensors& log_alphas, double temperature) const;
};

/// The numbers with which physical pruning removes the share `target` of the prunable parameters
/// (`StructureSize::removed_share`), to 0.002 where the structure allows it.
///
/// A common offset on all log-alphas, found by bisection, moves the expected numbers. Where a whole
/// block or hidden dimension flips, the share jumps over the target: then the blocks stay as they
/// are on one side of the jump, and the offsets of smaller and smaller units are moved alone.
Removals match_removals(const UnitTensors& log_alphas, const EncoderConfig& encoder,
                        double temperature, double target);

}  // namespace prumux::cofi

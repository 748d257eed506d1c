#pragma once

#include <cstdint>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/structure.h"

namespace prumux::student {

/// The shape of a student: some layers, all alike. It is as wide as its teacher between the blocks.
struct StudentShape {
  std::vector<std::int64_t> layers;  ///< Of the teacher, evenly spaced, the last among them.
  std::int64_t heads = 0;            ///< Of each layer.
  std::int64_t intermediate = 0;     ///< Of each layer.

  /// The shape of `num_layers` layers that comes nearest to the share `sparsity` of the blocks'
  /// parameters being gone; 0: the share sqrt(1 - sparsity) of the layers, so that depth and width
  /// give alike. A layer keeps a head and an intermediate dimension at least.
  /// Throws `ConfigError` when there are fewer layers than `num_layers`.
  static StudentShape of(const EncoderConfig& encoder, double sparsity, std::int64_t num_layers);
};

/// Masks of zeros and ones of that shape. Of a layer, the heads and intermediate dimensions with
/// the largest output weights (sum of squares) stay. `model` is dense.
StructureMasks student_masks(const StudentShape& shape, const ModelView& model);

}  // namespace prumux::student

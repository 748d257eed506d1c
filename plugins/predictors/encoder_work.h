#pragma once

#include "prumux/performance_model.h"

namespace prumux::predictors {

/// The sizes of an encoder and of what runs through it; fractions stand for layers that differ.
struct EncoderSizes {
  double layers = 12;
  double heads = 12;  ///< Of a layer.
  double head_size = 64;
  double intermediate = 3072;  ///< Of a layer.
  double hidden = 768;
  double length = 128;  ///< Tokens of a text.
  double instances = 1;
  double prefix = 0;   ///< Tokens for each instance in front of every row.
  double groups = 32;  ///< Forward passes' worth of texts in one batch.

  /// `dense` with what `configuration` says: "instances", "sparsity" (taken from heads and
  /// intermediate dimensions alike), and any of "layers", "heads", "intermediate", "hidden" and
  /// "length", which are what is left. Throws `DataError` for another name or a number out of
  /// range.
  static EncoderSizes of(const Configuration& configuration, const EncoderSizes& dense);
};

/// What an encoder does for one text.
struct EncoderWork {
  double operations = 0.0;  ///< Floating-point operations of all matrix products.
  double bytes = 0.0;       ///< Read and written: activations of every operation, and weights.
  double passes = 0.0;      ///< Forward passes; each starts so many operations.

  static EncoderWork of(const EncoderSizes& sizes);
};

}  // namespace prumux::predictors

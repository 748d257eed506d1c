#pragma once

#include <cstdint>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/export.h"
#include "prumux/structure.h"

namespace prumux {

/// The units that a model has now, read from the shapes of its weights: fewer than its architecture
/// tells when it is physically pruned.
struct CurrentStructure {
  /// Units of one layer; a block that is not present has none.
  struct Layer {
    bool attention = false;         ///< Whether the attention block is there.
    bool mlp = false;               ///< Whether the FFN block is there.
    std::int64_t heads = 0;         ///< Attention heads.
    std::int64_t intermediate = 0;  ///< Intermediate dimensions.
  };

  std::vector<Layer> layers;  ///< In the order of the model.
  std::int64_t hidden = 0;    ///< Hidden dimensions.
  bool factorised = false;    ///< Whether a weight is a product of two (`Compressor::ranks`).

  /// Reads the structure of `model`.
  PRUMUX_EXPORT static CurrentStructure of(const ModelView& model);

  /// Whether nothing is missing of the architecture.
  PRUMUX_EXPORT bool dense(const EncoderConfig& encoder) const;

  /// Keeps everything that there is.
  PRUMUX_EXPORT PrunePlan plan() const;
};

/// Throws `DataError` in the name of `method` when `model` is physically pruned or factorised
/// already.
PRUMUX_EXPORT void require_dense(const ModelView& model, const std::string& method);

}  // namespace prumux

#pragma once

#include <cstdint>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/structure.h"

namespace prumux::cofi {

/// The units that a model has now, read from the shapes of its weights: fewer than its architecture
/// tells when it is physically pruned.
struct CurrentStructure {
  struct Layer {
    bool attention = false;
    bool mlp = false;
    std::int64_t heads = 0;
    std::int64_t intermediate = 0;
  };

  std::vector<Layer> layers;
  std::int64_t hidden = 0;

  static CurrentStructure of(const ModelView& model);

  bool dense(const EncoderConfig& encoder) const;

  /// Keeps everything that there is.
  PrunePlan plan() const;
};

}  // namespace prumux::cofi

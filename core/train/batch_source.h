#pragma once

#include <cstdint>

#include "core/text/batch.h"

namespace prumux::train {

/// The micro-batches of a training set or of an evaluation set.
class BatchSource {
 public:
  virtual ~BatchSource() = default;

  /// Micro-batches of one pass over the data.
  virtual std::int64_t batches_per_epoch() const = 0;

  /// Micro-batch `index` of pass `epoch`. Depends on nothing but its arguments: a resumed run asks
  /// for the same batches again. Never uses libtorch's default generator. Called by one thread at a
  /// time, which need not be the one that trains.
  virtual text::Batch batch(std::int64_t epoch, std::int64_t index) = 0;
};

}  // namespace prumux::train

#pragma once

#include <cstdint>
#include <future>

#include "core/text/batch.h"
#include "core/train/batch_source.h"

namespace prumux::train {

/// Where the training is in its data: micro-batch `index` of pass `epoch` comes next.
struct DataPosition {
  std::int64_t epoch = 0;
  std::int64_t index = 0;

  bool operator==(const DataPosition&) const = default;
  /// The position after this one in a source of `batches_per_epoch`.
  DataPosition next(std::int64_t batches_per_epoch) const;
};

/// Makes the next micro-batch on another thread while the current one is trained on. Which batches
/// it returns does not depend on time.
class Prefetcher {
 public:
  Prefetcher(BatchSource& source, DataPosition start);
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  ~Prefetcher();

  /// The batch at `position()`, which moves on. Rethrows what the source threw.
  text::Batch next();
  DataPosition position() const { return position_; }

 private:
  void launch();

  BatchSource& source_;
  DataPosition position_;
  std::future<text::Batch> pending_;  // the batch at position_
};

}  // namespace prumux::train

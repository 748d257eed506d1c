#include "core/train/prefetcher.h"

namespace prumux::train {

DataPosition DataPosition::next(std::int64_t batches_per_epoch) const {
  if (index + 1 < batches_per_epoch) return {epoch, index + 1};
  return {epoch + 1, 0};
}

Prefetcher::Prefetcher(BatchSource& source, DataPosition start)
    : source_(source), position_(start) {
  if (position_.index >= source_.batches_per_epoch()) position_ = {position_.epoch + 1, 0};
  launch();
}

Prefetcher::~Prefetcher() {
  if (pending_.valid()) pending_.wait();
}

text::Batch Prefetcher::next() {
  text::Batch batch = pending_.get();
  position_ = position_.next(source_.batches_per_epoch());
  launch();
  return batch;
}

void Prefetcher::launch() {
  pending_ = std::async(std::launch::async, [this, position = position_] {
    return source_.batch(position.epoch, position.index);
  });
}

}  // namespace prumux::train

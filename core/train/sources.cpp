#include "core/train/sources.h"

#include <utility>

namespace prumux::train {

EpochPlan::EpochPlan(const text::TrainingOrder& order, std::vector<std::uint32_t> lengths)
    : order_(order), lengths_(std::move(lengths)) {}

const text::BatchPlan& EpochPlan::of(std::int64_t epoch) {
  if (!plan_ || epoch_ != epoch) {
    plan_ = text::training_plan(order_, static_cast<std::uint64_t>(epoch), lengths_);
    epoch_ = epoch;
  }
  return *plan_;
}

TaskSource::TaskSource(text::Dataset dataset, const text::TrainingOrder& order)
    : dataset_(std::move(dataset)),
      plan_(order, dataset_.lengths()),
      batches_(plan_.batch_count()) {}

text::Batch TaskSource::batch(std::int64_t epoch, std::int64_t index) {
  return text::collate(dataset_, plan_.of(epoch).batch(static_cast<std::size_t>(index)));
}

EvaluationSource::EvaluationSource(text::Dataset dataset, std::int64_t rows_per_batch)
    : dataset_(std::move(dataset)),
      plan_(text::evaluation_plan(dataset_.lengths(), static_cast<std::size_t>(rows_per_batch))) {}

std::int64_t EvaluationSource::batches_per_epoch() const {
  return static_cast<std::int64_t>(plan_.batch_count());
}

text::Batch EvaluationSource::batch(std::int64_t /*epoch*/, std::int64_t index) {
  return text::collate(dataset_, plan_.batch(static_cast<std::size_t>(index)));
}

CorpusSource::CorpusSource(text::Corpus corpus, std::shared_ptr<const text::Tokenizer> tokenizer,
                           const text::MaskingOptions& masking, const text::TrainingOrder& order)
    : corpus_(std::move(corpus)),
      tokenizer_(std::move(tokenizer)),
      masking_(masking),
      seed_(order.seed),
      plan_(order, corpus_.lengths()),
      batches_(plan_.batch_count()) {}

text::Batch CorpusSource::batch(std::int64_t epoch, std::int64_t index) {
  return text::collate_masked(corpus_, plan_.of(epoch).batch(static_cast<std::size_t>(index)),
                              *tokenizer_, masking_, seed_, static_cast<std::uint64_t>(epoch));
}

}  // namespace prumux::train

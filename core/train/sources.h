#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/text/collate.h"
#include "core/text/sampler.h"
#include "core/train/batch_source.h"

namespace prumux::train {

/// Remembers the plan of the epoch that was asked for last.
class EpochPlan {
 public:
  EpochPlan(const text::TrainingOrder& order, std::vector<std::uint32_t> lengths);

  const text::BatchPlan& of(std::int64_t epoch);
  std::int64_t batch_count() { return static_cast<std::int64_t>(of(0).batch_count()); }

 private:
  text::TrainingOrder order_;
  std::vector<std::uint32_t> lengths_;
  std::optional<text::BatchPlan> plan_;
  std::int64_t epoch_ = -1;
};

/// Training batches of a task's rows, in a new order each epoch.
class TaskSource : public BatchSource {
 public:
  /// Throws `DataError` when there are too few rows for one batch.
  TaskSource(text::Dataset dataset, const text::TrainingOrder& order);

  std::int64_t batches_per_epoch() const override { return batches_; }
  text::Batch batch(std::int64_t epoch, std::int64_t index) override;

 private:
  text::Dataset dataset_;
  EpochPlan plan_;
  std::int64_t batches_;
};

/// All rows of a task for evaluation, in the order of `text::evaluation_plan`: inputs that a
/// multiplexed model takes together are of similar length, as when it is deployed.
class EvaluationSource : public BatchSource {
 public:
  EvaluationSource(text::Dataset dataset, std::int64_t rows_per_batch);

  std::int64_t batches_per_epoch() const override;
  text::Batch batch(std::int64_t epoch, std::int64_t index) override;

 private:
  text::Dataset dataset_;
  text::BatchPlan plan_;
};

/// Training batches of a corpus with masked-language-modelling labels, masked anew each epoch.
class CorpusSource : public BatchSource {
 public:
  CorpusSource(text::Corpus corpus, std::shared_ptr<const text::Tokenizer> tokenizer,
               const text::MaskingOptions& masking, const text::TrainingOrder& order);

  std::int64_t batches_per_epoch() const override { return batches_; }
  text::Batch batch(std::int64_t epoch, std::int64_t index) override;

 private:
  text::Corpus corpus_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  text::MaskingOptions masking_;
  std::uint64_t seed_;
  EpochPlan plan_;
  std::int64_t batches_;
};

}  // namespace prumux::train

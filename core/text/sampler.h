#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace prumux::text {

/// A permutation of 0 .. size-1 that is a function of its arguments only: the same on every machine
/// and after every resume.
std::vector<std::uint32_t> epoch_permutation(std::uint64_t seed, std::uint64_t epoch,
                                             std::size_t size);

/// The order of an epoch's rows and their division into batches.
class BatchPlan {
 public:
  BatchPlan(std::vector<std::uint32_t> rows, std::size_t rows_per_batch);

  std::size_t batch_count() const;
  /// Rows of batch `index`; only the last one may be shorter.
  std::span<const std::uint32_t> batch(std::size_t index) const;
  std::span<const std::uint32_t> rows() const { return rows_; }

 private:
  std::vector<std::uint32_t> rows_;
  std::size_t rows_per_batch_;
};

struct TrainingOrder {
  std::uint64_t seed = 0;
  std::size_t instances = 1;  ///< N: rows of a group.
  std::size_t groups_per_batch = 32;
  /// Only batches with all their groups; otherwise the last one holds the complete groups left.
  bool drop_last = true;
  /// Batches of rows of similar length, in random order: less padding, slightly less random.
  bool bucket_by_length = false;
};

/// The batches of one training epoch: a new random order each epoch, in complete groups only.
/// `lengths` are the rows' token counts. Throws `ConfigError` on zero sizes and `DataError` when
/// there are too few rows for one batch.
BatchPlan training_plan(const TrainingOrder& order, std::uint64_t epoch,
                        std::span<const std::uint32_t> lengths);

/// All rows for evaluation, the shortest first and otherwise in their order, as an engine groups
/// them; the last batch may be incomplete. `lengths` are the rows' token counts.
BatchPlan evaluation_plan(std::span<const std::uint32_t> lengths, std::size_t rows_per_batch);

}  // namespace prumux::text

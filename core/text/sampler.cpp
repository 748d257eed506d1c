#include "core/text/sampler.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/text/random.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

/// Rows are sorted by length within so many batches: enough to make batches even, few enough that
/// the composition of a batch stays random.
constexpr std::size_t kBatchesPerWindow = 64;

void shuffle(std::span<std::uint32_t> values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

/// Rearranges complete batches so that each holds rows of similar length.
void bucket_by_length(std::span<std::uint32_t> rows, std::size_t rows_per_batch,
                      std::span<const std::uint32_t> lengths, Random& random) {
  const std::size_t window = kBatchesPerWindow * rows_per_batch;
  for (std::size_t begin = 0; begin < rows.size(); begin += window) {
    const auto part = rows.subspan(begin, std::min(window, rows.size() - begin));
    std::stable_sort(part.begin(), part.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return lengths[a] < lengths[b]; });
  }
  const std::size_t batches = rows.size() / rows_per_batch;
  std::vector<std::uint32_t> order(batches);
  std::iota(order.begin(), order.end(), 0U);
  shuffle(order, random);
  const std::vector<std::uint32_t> sorted(rows.begin(), rows.end());
  for (std::size_t i = 0; i < batches; ++i) {
    const auto batch = rows.subspan(i * rows_per_batch, rows_per_batch);
    const auto from = static_cast<std::ptrdiff_t>(order[i] * rows_per_batch);
    std::copy_n(sorted.begin() + from, rows_per_batch, batch.begin());
    // Else the first instance of a group would always be the shortest.
    shuffle(batch, random);
  }
}

}  // namespace

std::vector<std::uint32_t> epoch_permutation(std::uint64_t seed, std::uint64_t epoch,
                                             std::size_t size) {
  std::vector<std::uint32_t> rows(size);
  std::iota(rows.begin(), rows.end(), 0U);
  Random random(seed, epoch);
  shuffle(rows, random);
  return rows;
}

BatchPlan::BatchPlan(std::vector<std::uint32_t> rows, std::size_t rows_per_batch)
    : rows_(std::move(rows)), rows_per_batch_(rows_per_batch) {
  if (rows_per_batch_ == 0) throw ConfigError("a batch needs at least one row, found 0");
}

std::size_t BatchPlan::batch_count() const {
  return (rows_.size() + rows_per_batch_ - 1) / rows_per_batch_;
}

std::span<const std::uint32_t> BatchPlan::batch(std::size_t index) const {
  if (index >= batch_count())
    throw ConfigError(fmt::format("no batch {} among {}", index, batch_count()));
  const std::size_t begin = index * rows_per_batch_;
  return rows().subspan(begin, std::min(rows_per_batch_, rows_.size() - begin));
}

BatchPlan training_plan(const TrainingOrder& order, std::uint64_t epoch,
                        std::span<const std::uint32_t> lengths) {
  const std::size_t rows_per_batch = order.instances * order.groups_per_batch;
  if (rows_per_batch == 0) {
    throw ConfigError(fmt::format("a batch of {} groups with {} instances each has no rows",
                                  order.groups_per_batch, order.instances));
  }
  const std::size_t smallest = order.drop_last ? rows_per_batch : order.instances;
  if (lengths.size() < smallest) {
    throw DataError(fmt::format(
        "the training data has {} rows, but a batch of {} groups with {} instances needs {}; use "
        "more data or smaller batches",
        lengths.size(), order.drop_last ? order.groups_per_batch : 1, order.instances, smallest));
  }
  std::vector<std::uint32_t> rows = epoch_permutation(order.seed, epoch, lengths.size());
  rows.resize(rows.size() - rows.size() % smallest);
  if (order.bucket_by_length) {
    constexpr std::uint64_t kBucketStream = 1;
    Random random(order.seed, epoch, kBucketStream);
    const std::size_t complete = rows.size() - rows.size() % rows_per_batch;
    bucket_by_length(std::span(rows).first(complete), rows_per_batch, lengths, random);
  }
  return {std::move(rows), rows_per_batch};
}

BatchPlan evaluation_plan(std::span<const std::uint32_t> lengths, std::size_t rows_per_batch) {
  std::vector<std::uint32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return lengths[row]; });
  return {std::move(order), rows_per_batch};
}

}  // namespace prumux::text

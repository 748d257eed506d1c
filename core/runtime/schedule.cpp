#include "core/runtime/schedule.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/text/random.h"

namespace prumux::runtime {

namespace {

/// Another order for each member of an ensemble but the first: rows change places with others of
/// their neighbourhood, so that lengths stay similar where they are sorted.
std::vector<std::uint32_t> regrouped(std::vector<std::uint32_t> order, std::int64_t member,
                                     const ScheduleOptions& options) {
  if (member == 0) return order;
  constexpr std::size_t kGroupsApart = 16;
  const std::size_t window = options.sort_by_length
                                 ? kGroupsApart * static_cast<std::size_t>(options.num_instances)
                                 : order.size();
  text::Random random(static_cast<std::uint64_t>(member));
  for (std::size_t begin = 0; begin < order.size(); begin += window) {
    const std::size_t size = std::min(window, order.size() - begin);
    for (std::size_t left = size; left > 1; --left) {
      std::swap(order[begin + left - 1], order[begin + random.below(left)]);
    }
  }
  return order;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> schedule_rows(std::span<const std::uint32_t> lengths,
                                                      const ScheduleOptions& options) {
  std::vector<std::uint32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0U);
  if (options.sort_by_length) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return lengths[a] < lengths[b]; });
  }
  if (!options.isolate) {
    const std::vector<std::uint32_t> first = std::exchange(order, {});
    for (std::int64_t i = 0; i < options.ensemble; ++i) {
      const std::int64_t member = options.grouping * options.ensemble + i;
      const std::vector<std::uint32_t> other = regrouped(first, member, options);
      order.insert(order.end(), other.begin(), other.end());
    }
  }
  const auto copies = static_cast<std::size_t>(options.isolate ? options.num_instances : 1);
  const auto rows_per_batch =
      static_cast<std::size_t>(options.num_instances * options.groups_per_batch);
  std::vector<std::vector<std::uint32_t>> batches;
  for (const std::uint32_t row : order) {
    if (batches.empty() || batches.back().size() >= rows_per_batch) batches.emplace_back();
    batches.back().insert(batches.back().end(), copies, row);
  }
  return batches;
}

}  // namespace prumux::runtime

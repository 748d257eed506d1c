#include "core/runtime/schedule.h"

#include <algorithm>
#include <numeric>

namespace prumux::runtime {

std::vector<std::vector<std::uint32_t>> schedule_rows(std::span<const std::uint32_t> lengths,
                                                      const ScheduleOptions& options) {
  std::vector<std::uint32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0U);
  if (options.sort_by_length) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return lengths[a] < lengths[b]; });
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

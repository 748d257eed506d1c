#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace prumux::runtime {

struct ScheduleOptions {
  std::int64_t num_instances = 1;
  std::int64_t groups_per_batch = 32;
  /// Groups of similar lengths, so that little work is done on padding; else in the rows' order.
  bool sort_by_length = true;
  /// Every row fills a group of its own, N times: its result depends on no other row.
  bool isolate = false;
  /// So many times every row occurs, in different groups: the mean of its results depends less on
  /// what it met there (Murahari et al. 2023). Not for isolated rows.
  std::int64_t ensemble = 1;
  /// Which of the many ways to group rows; 0: as `sort_by_length` says, without change.
  std::int64_t grouping = 0;

  /// How often a row occurs.
  std::int64_t copies() const { return isolate ? num_instances : ensemble; }
};

/// Rows in batches; consecutive N of a batch form a group. A function of the arguments only. Every
/// row occurs `copies()` times, isolated in one group; only the last group of the last batch may be
/// incomplete.
std::vector<std::vector<std::uint32_t>> schedule_rows(std::span<const std::uint32_t> lengths,
                                                      const ScheduleOptions& options);

}  // namespace prumux::runtime

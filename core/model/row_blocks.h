#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace prumux::model {

/// Rows whose share of a sum over all rows is added up together: of a fixed number, so that sums
/// do not depend on the number of threads.
constexpr std::int64_t kRowsPerBlock = 32;

inline std::int64_t count_row_blocks(std::int64_t rows) {
  return (rows + kRowsPerBlock - 1) / kRowsPerBlock;
}

/// Calls `work(begin, end)` for blocks of rows on all threads.
template <typename Work>
void for_row_blocks(std::int64_t rows, const Work& work) {
  at::parallel_for(0, count_row_blocks(rows), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t block = first; block < last; ++block) {
      work(block * kRowsPerBlock, std::min((block + 1) * kRowsPerBlock, rows));
    }
  });
}

}  // namespace prumux::model

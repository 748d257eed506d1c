#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/network/network.h"
#include "core/runtime/network/sequence.h"
#include "core/runtime/row_source.h"

namespace prumux::runtime {

/// Rows in groups of N. The last group is filled with rows of its batch from the first on.
struct Grouping {
  std::vector<std::uint32_t> rows;   ///< [groups * N].
  std::vector<RowTokens> tokens;     ///< Of `rows`.
  std::vector<std::size_t> lengths;  ///< Of the groups, prefix included.
  std::size_t filled = 0;            ///< Slots of rows that were asked for; the others fill up.
};

/// Groups of consecutive rows of the batches. Groups whose padding is attended to have the length
/// `padded`, others that of their longest row.
/// Throws `DataError` for tokens and lengths that the network has no embedding for.
Grouping group_rows(const RowSource& rows, std::span<const std::vector<std::uint32_t>> batches,
                    const Network& network, std::size_t prefix, std::size_t padded);

/// All rows, in their order.
std::vector<std::vector<std::uint32_t>> one_batch(const RowSource& rows);

/// Groups first..end, of about as many tokens as the caches hold.
struct Chunk {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// Consecutive groups in chunks for `threads` threads that compute in `format`.
std::vector<Chunk> plan_chunks(const std::vector<std::size_t>& lengths,
                               kernels::NumberFormat format, std::size_t threads);

}  // namespace prumux::runtime

#include "core/runtime/grouping.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>

#include "core/runtime/kernels/panel.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

void check_tokens(const RowTokens& tokens, std::uint32_t row, const Network& network) {
  const auto vocabulary = static_cast<std::int64_t>(network.embedding.vocabulary);
  for (std::size_t position = 0; position < tokens.ids.size(); ++position) {
    if (tokens.ids[position] >= 0 && tokens.ids[position] < vocabulary) continue;
    throw DataError(
        fmt::format("token id {} at row {}, position {} is not in the model, which has {}",
                    tokens.ids[position], row, position, vocabulary));
  }
  const bool reads_types = network.mixing.instances == 1;
  if (reads_types && tokens.second_begin < tokens.ids.size() && network.embedding.types < 2) {
    throw DataError(
        fmt::format("token type 1 at row {}, position {} is not in the model, which has {}", row,
                    tokens.second_begin, network.embedding.types));
  }
}

void check_length(std::size_t length, const Network& network) {
  const std::size_t positions = network.embedding.positions - network.embedding.first_position();
  if (length <= positions) return;
  throw DataError(fmt::format(
      "an input has {} positions, but the model embeds at most {}; shorten it (prefixes of a "
      "multiplexed model count)",
      length, positions));
}

/// Tokens that go through the encoder together at most: weights are read once for them, and what
/// they are in a layer fits into the second cache. Tiles of few bits are multiplied so fast, and
/// take so little of it, that the weights are better read for more.
constexpr std::size_t chunk_tokens(kernels::NumberFormat format) {
  return kernels::is_tiled(format) && !kernels::is_float32(format) ? 512 : 256;
}

/// As many groups behind each other as have at most `tokens` tokens, or a single longer one.
std::vector<Chunk> split(const std::vector<std::size_t>& lengths, std::size_t tokens) {
  std::vector<Chunk> chunks;
  std::size_t taken = 0;
  for (std::size_t group = 0; group < lengths.size(); ++group) {
    if (chunks.empty() || taken + lengths[group] > tokens) {
      chunks.push_back({group, group});
      taken = 0;
    }
    chunks.back().end = group + 1;
    taken += lengths[group];
  }
  return chunks;
}

}  // namespace

Grouping group_rows(const RowSource& rows, std::span<const std::vector<std::uint32_t>> batches,
                    const Network& network, std::size_t prefix, std::size_t padded) {
  const std::size_t instances = network.mixing.instances;
  Grouping grouping;
  for (const std::vector<std::uint32_t>& batch : batches) {
    const std::size_t count = (batch.size() + instances - 1) / instances * instances;
    for (std::size_t i = 0; i < count; ++i) grouping.rows.push_back(batch[i % batch.size()]);
    grouping.filled += batch.size();
  }
  for (const std::uint32_t row : grouping.rows) {
    grouping.tokens.push_back(rows.tokens(row));
    check_tokens(grouping.tokens.back(), row, network);
  }
  for (std::size_t slot = 0; slot < grouping.tokens.size(); slot += instances) {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < instances; ++i) {
      longest = std::max(longest, grouping.tokens[slot + i].ids.size());
    }
    if (network.mixing.pads_are_tokens) {
      if (longest > padded) {
        throw DataError(
            fmt::format("a row has {} tokens, but rows are padded to {}", longest, padded));
      }
      longest = padded;
    }
    grouping.lengths.push_back(prefix + longest);
    check_length(grouping.lengths.back(), network);
  }
  return grouping;
}

std::vector<std::vector<std::uint32_t>> one_batch(const RowSource& rows) {
  std::vector<std::vector<std::uint32_t>> batches(1);
  batches.front().resize(rows.lengths().size());
  std::iota(batches.front().begin(), batches.front().end(), 0U);
  return batches;
}

std::vector<Chunk> plan_chunks(const std::vector<std::size_t>& lengths,
                               kernels::NumberFormat format, std::size_t threads) {
  const std::size_t most = chunk_tokens(format);
  const std::size_t least = std::min(most, kernels::kPanelTokens);
  const std::size_t fewest = split(lengths, most).size();
  // As many for each thread, unless they would become too small to be computed fast.
  const std::size_t count = std::max(
      fewest, std::min((fewest + threads - 1) / threads * threads, split(lengths, least).size()));
  // The smallest limit that gives no more makes them equal.
  std::size_t low = least;
  std::size_t high = most;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (split(lengths, middle).size() <= count) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return split(lengths, low);
}

}  // namespace prumux::runtime

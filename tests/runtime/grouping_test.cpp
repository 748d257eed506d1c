#include "core/runtime/grouping.h"

#include <gtest/gtest.h>

#include <numeric>

namespace prumux::runtime {
namespace {

/// Tokens of each chunk; fails unless the chunks are all groups in their order.
std::vector<std::size_t> chunk_sizes(const std::vector<std::size_t>& lengths, std::size_t threads) {
  std::vector<std::size_t> sizes;
  std::size_t next = 0;
  for (const Chunk& chunk : plan_chunks(lengths, kernels::NumberFormat::float32, threads)) {
    EXPECT_EQ(chunk.first, next);
    EXPECT_LT(chunk.first, chunk.end);
    next = chunk.end;
    sizes.push_back(std::accumulate(lengths.begin() + static_cast<std::ptrdiff_t>(chunk.first),
                                    lengths.begin() + static_cast<std::ptrdiff_t>(chunk.end),
                                    std::size_t{0}));
  }
  EXPECT_EQ(next, lengths.size());
  return sizes;
}

using Sizes = std::vector<std::size_t>;

TEST(PlanChunks, FillsAChunkOfOneThread) {
  EXPECT_EQ(chunk_sizes(Sizes(8, 32), 1), Sizes({256}));
  EXPECT_EQ(chunk_sizes({}, 1), Sizes({}));
}

TEST(PlanChunks, MakesEqualChunksInsteadOfASmallLastOne) {
  EXPECT_EQ(chunk_sizes(Sizes(10, 32), 1), Sizes({160, 160}));
}

TEST(PlanChunks, MakesAsManyForEachThread) {
  // Three full ones would keep one of two threads idle for a third of the time.
  EXPECT_EQ(chunk_sizes(Sizes(24, 32), 2), Sizes({192, 192, 192, 192}));
  EXPECT_EQ(chunk_sizes(Sizes(24, 32), 8).size(), 8U);
}

TEST(PlanChunks, MakesNoneSmallerThanAPanel) {
  EXPECT_EQ(chunk_sizes(Sizes(6, 32), 16), Sizes({64, 64, 64}));
}

TEST(PlanChunks, LeavesALongGroupAlone) {
  EXPECT_EQ(chunk_sizes({20, 512, 512, 30}, 2), Sizes({20, 512, 512, 30}));
}

}  // namespace
}  // namespace prumux::runtime

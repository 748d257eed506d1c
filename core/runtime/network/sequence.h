#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace prumux::runtime {

/// The tokens of a row: those from `second_begin` on are of type 1.
struct RowTokens {
  std::span<const std::int32_t> ids;
  std::size_t second_begin = 0;
};

/// What goes through the encoder as one sequence: N rows, or embeddings that somebody else mixed.
struct Sequence {
  std::span<const RowTokens> rows;
  const float* mixed = nullptr;  ///< [length, d'] after the second embedding's norm; or null.
  std::size_t length = 0;        ///< Positions, prefix included.
};

}  // namespace prumux::runtime

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace prumux::runtime {

/// The tokens of a row: those of the second text, if there is one, are of type 1.
struct RowTokens {
  std::span<const std::int32_t> ids;
  std::size_t second_begin = 0;
  std::size_t second_end = std::numeric_limits<std::size_t>::max();  ///< Padding may be behind.
};

/// What goes through the encoder as one sequence: N rows, or embeddings that somebody else mixed.
struct Sequence {
  std::span<const RowTokens> rows;
  const float* mixed = nullptr;  ///< [length, d'] after the second embedding's norm; or null.
  std::size_t length = 0;        ///< Positions, prefix included.
  std::size_t attended = 0;      ///< So many of them, from the first on, are attended to; 0: all.
};

}  // namespace prumux::runtime

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/kernels/aligned_buffer.h"

namespace prumux::runtime::kernels {

/// In which numbers a product is computed. Numbers enter in 32-bit elements of consecutive
/// features; sums are float32 or int32.
enum class NumberFormat {
  float32,       ///< One in an element.
  bfloat16,      ///< Two.
  float16,       ///< Two; so are sums, for a while.
  int8,          ///< Four: bytes, those of activations unsigned.
  widened_int8,  ///< Two: the same numbers in 16 bits each.
  // For processors that multiply tiles of 16 rows by 16 elements: as above, in whole tiles.
  tiled_float32,  ///< Two, each as the sum of three bfloat16, which are elements of three tiles.
  tiled_bfloat16,
  tiled_int8,
};

// The range of half precision ends at 65504: so many products are summed up in it, of weights,
// whose rows are scaled, and activations up to these.
constexpr std::size_t kHalfSumFeatures = 256;
constexpr float kLargestHalfWeight = 0.25F;
constexpr float kLargestHalfActivation = 1023.0F;

/// Rows of a tile, and elements in each.
constexpr std::size_t kTileSize = 16;

constexpr bool is_tiled(NumberFormat format) { return format >= NumberFormat::tiled_float32; }

const char* name_of(NumberFormat format);

/// Whether numbers keep the digits of float32.
constexpr bool is_float32(NumberFormat format) {
  return format == NumberFormat::float32 || format == NumberFormat::tiled_float32;
}

/// Elements that a number is in, one behind the other by whole tiles.
constexpr std::size_t parts_of(NumberFormat format) {
  return format == NumberFormat::tiled_float32 ? 3 : 1;
}

[[gnu::always_inline]] constexpr std::size_t features_per_element(NumberFormat format) {
  switch (format) {
    case NumberFormat::float32:
      return 1;
    case NumberFormat::int8:
    case NumberFormat::tiled_int8:
      return 4;
    default:
      return 2;
  }
}

/// Whether activations are unsigned: 128 is added to them.
constexpr bool has_offset(NumberFormat format) { return features_per_element(format) == 4; }

constexpr bool is_quantised(NumberFormat format) {
  return has_offset(format) || format == NumberFormat::widened_int8;
}

/// Whether elements are pairs of numbers that are not quantised.
constexpr bool has_pairs(NumberFormat format) {
  return features_per_element(format) == 2 && !is_quantised(format);
}

/// Whether each row of weights is scaled.
constexpr bool has_scales(NumberFormat format) {
  return is_quantised(format) || format == NumberFormat::float16;
}

/// Elements of a token; what a last tile has behind the features is zero. Inlined, since a function
/// compiled for one instruction set must not serve another.
[[gnu::always_inline]] constexpr std::size_t element_count(NumberFormat format,
                                                           std::size_t features) {
  const std::size_t count =
      (features + features_per_element(format) - 1) / features_per_element(format);
  return is_tiled(format) ? (count + kTileSize - 1) / kTileSize * kTileSize * parts_of(format)
                          : count;
}

/// Where a tiled format has a part of its element `k`.
constexpr std::size_t part_position(NumberFormat format, std::size_t k, std::size_t part) {
  return (k / kTileSize * parts_of(format) + part) * kTileSize + k % kTileSize;
}

/// To nearest, ties to even.
std::uint16_t to_bfloat16(float value);
/// The same of a number up to 1, or of what is none.
std::uint16_t to_float16(float value);

/// Rows of a matrix in memory, `stride` floats apart, with a bias each; null: zero.
struct MatrixRows {
  const float* weight = nullptr;
  const float* bias = nullptr;
  std::size_t rows = 0;
  std::size_t stride = 0;
};

/// A weight matrix [rows, columns] in the order in which the kernels read it: blocks of
/// `kRowBlock` rows, the last one smaller; in a block, column by column, element (column, row).
/// Tiled: blocks of `kTileSize` rows, zeros behind the last one; in a block, tile by tile, element
/// (row, column). Quantised weights are symmetric with one scale a row; halves have one too, a
/// power of two.
class PackedMatrix {
 public:
  static constexpr std::size_t kRowBlock = 6;

  PackedMatrix() = default;
  /// The parts below each other.
  PackedMatrix(std::span<const MatrixRows> parts, std::size_t columns, NumberFormat format);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  NumberFormat format() const { return format_; }
  /// Elements of a row.
  [[gnu::always_inline]] std::size_t steps() const { return element_count(format_, columns_); }
  /// The block that begins at `row`.
  [[gnu::always_inline]] const std::uint32_t* block(std::size_t row) const {
    return elements_.data() + row * steps();
  }
  const float* bias() const { return bias_.data(); }
  const float* scales() const { return scales_.data(); }                   ///< If it has them.
  const std::int32_t* corrections() const { return corrections_.data(); }  ///< 128 * sum; offset.
  std::size_t bytes() const { return elements_.size() * sizeof(std::uint32_t); }

 private:
  std::uint32_t& element(std::size_t row, std::size_t step);
  void pack_row(const float* weights, std::size_t row);
  void halve_row(const float* weights, std::size_t row);
  void quantise_row(const float* weights, std::size_t row);

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  NumberFormat format_ = NumberFormat::float32;
  AlignedBuffer<std::uint32_t> elements_;
  std::vector<float> bias_;
  std::vector<float> scales_;
  std::vector<std::int32_t> corrections_;
};

}  // namespace prumux::runtime::kernels

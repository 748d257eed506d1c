#include "core/runtime/kernels/packed_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace prumux::runtime::kernels {
namespace {

constexpr float kLargestByte = 127.0F;
/// Added to signed activations to make them unsigned, as the hardware's dot product wants them.
constexpr std::int32_t kActivationOffset = 128;

/// No number if one of them is none, so that damage shows: the bits of such are larger than those
/// of all numbers.
float largest_magnitude(std::span<const float> values) {
  std::uint32_t largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::bit_cast<std::uint32_t>(std::abs(value)));
  }
  return std::bit_cast<float>(largest);
}

/// What is nearest to the value, which keeps the rest.
std::uint32_t take_bfloat16(float& value) {
  const std::uint32_t bits = to_bfloat16(value);
  value -= std::bit_cast<float>(bits << 16U);
  return bits;
}

}  // namespace

const char* name_of(NumberFormat format) {
  switch (format) {
    case NumberFormat::float32:
      return "float32";
    case NumberFormat::bfloat16:
      return "bfloat16";
    case NumberFormat::float16:
      return "float16";
    case NumberFormat::int8:
      return "int8";
    case NumberFormat::widened_int8:
      return "widened_int8";
    case NumberFormat::tiled_float32:
      return "tiled_float32";
    case NumberFormat::tiled_bfloat16:
      return "tiled_bfloat16";
    default:
      return "tiled_int8";
  }
}

std::uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

std::uint16_t to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  constexpr std::uint32_t kSmallestNormal = 0x38800000U;  // 2^-14
  constexpr std::uint32_t kInfinity = 0x7F800000U;
  constexpr std::uint32_t kHalfNoNumber = 0x7E00U;
  if (magnitude >= kInfinity) return static_cast<std::uint16_t>(sign | kHalfNoNumber);
  if (magnitude < kSmallestNormal) {
    // The last bit of 1/2 is worth as much as that of such halves.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(
        sign | (std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5F)));
  }
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13U) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - (112U << 23U)) >> 13U));
}

PackedMatrix::PackedMatrix(std::span<const MatrixRows> parts, std::size_t columns,
                           NumberFormat format)
    : columns_(columns), format_(format) {
  for (const MatrixRows& part : parts) rows_ += part.rows;
  const std::size_t block_rows = is_tiled(format) ? kTileSize : 1;
  elements_ =
      AlignedBuffer<std::uint32_t>((rows_ + block_rows - 1) / block_rows * block_rows * steps());
  bias_.assign(rows_, 0.0F);
  if (has_scales(format)) scales_.resize(rows_);
  if (has_offset(format)) corrections_.resize(rows_);
  std::size_t row = 0;
  for (const MatrixRows& part : parts) {
    for (std::size_t i = 0; i < part.rows; ++i, ++row) {
      pack_row(part.weight + i * part.stride, row);
      if (part.bias != nullptr) bias_[row] = part.bias[i];
    }
  }
}

std::uint32_t& PackedMatrix::element(std::size_t row, std::size_t step) {
  if (is_tiled(format_)) {
    const std::size_t begin = row / kTileSize * kTileSize;
    const std::size_t tile = step / kTileSize * kTileSize * kTileSize;
    return elements_.data()[begin * steps() + tile + (row - begin) * kTileSize + step % kTileSize];
  }
  const std::size_t begin = row / kRowBlock * kRowBlock;
  const std::size_t block_rows = std::min(kRowBlock, rows_ - begin);
  return elements_.data()[begin * steps() + step * block_rows + (row - begin)];
}

void PackedMatrix::pack_row(const float* weights, std::size_t row) {
  const auto weight = [&](std::size_t column) {
    return column < columns_ ? weights[column] : 0.0F;
  };
  if (is_quantised(format_)) {
    quantise_row(weights, row);
  } else if (format_ == NumberFormat::float16) {
    halve_row(weights, row);
  } else if (format_ == NumberFormat::float32) {
    for (std::size_t k = 0; k < columns_; ++k) {
      element(row, k) = std::bit_cast<std::uint32_t>(weights[k]);
    }
  } else {
    const std::size_t parts = parts_of(format_);
    for (std::size_t k = 0; k < steps() / parts; ++k) {
      float rest[2] = {weight(2 * k), weight(2 * k + 1)};
      for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t step = is_tiled(format_) ? part_position(format_, k, part) : k;
        element(row, step) = take_bfloat16(rest[0]) | (take_bfloat16(rest[1]) << 16U);
      }
    }
  }
}

/// The scale is a power of two, which leaves the digits as they are. What is no number stays none.
void PackedMatrix::halve_row(const float* weights, std::size_t row) {
  const float largest = largest_magnitude({weights, columns_});
  const float scale =
      largest > 0.0F ? std::exp2(std::ceil(std::log2(largest / kLargestHalfWeight))) : 1.0F;
  const auto half = [&](std::size_t column) -> std::uint32_t {
    return column < columns_ ? to_float16(weights[column] / scale) : 0U;
  };
  for (std::size_t k = 0; k < steps(); ++k) {
    element(row, k) = half(2 * k) | (half(2 * k + 1) << 16U);
  }
  scales_[row] = scale;
}

void PackedMatrix::quantise_row(const float* weights, std::size_t row) {
  const float largest = largest_magnitude({weights, columns_});
  const float scale = largest / kLargestByte;
  const float inverse = scale > 0.0F ? 1.0F / scale : 0.0F;
  std::int32_t sum = 0;
  const std::size_t count = features_per_element(format_);
  const std::size_t bits = 32 / count;
  const std::uint32_t mask = (1U << bits) - 1U;
  for (std::size_t k = 0; k < steps(); ++k) {
    std::uint32_t packed = 0;
    for (std::size_t j = 0; j < count && k * count + j < columns_; ++j) {
      if (inverse == 0.0F) continue;
      const auto value = static_cast<std::int32_t>(
          std::lround(std::clamp(weights[k * count + j] * inverse, -kLargestByte, kLargestByte)));
      sum += value;
      packed |= (static_cast<std::uint32_t>(value) & mask) << (bits * j);
    }
    element(row, k) = packed;
  }
  scales_[row] = scale;
  if (has_offset(format_)) corrections_[row] = kActivationOffset * sum;
}

}  // namespace prumux::runtime::kernels

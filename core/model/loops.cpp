#include "core/model/loops.h"

#include <bit>
#include <cmath>

#include "core/model/for_this_processor.h"

namespace prumux::model {
namespace {

/// A permutation of 32 bits without visible structure (Wellons, "Prospecting for hash functions").
inline std::uint32_t mix(std::uint32_t bits) {
  bits ^= bits >> 16;
  bits *= 0x21F0AAADU;
  bits ^= bits >> 15;
  bits *= 0xD35A2D97U;
  return bits ^ (bits >> 15);
}

}  // namespace

PRUMUX_FOR_THIS_PROCESSOR
void take_columns(const float* row, const std::int32_t* columns, std::int64_t count, float factor,
                  const float* factors, float* result) {
  if (columns == nullptr && factors == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) result[j] = row[j] * factor;
  } else if (columns == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) result[j] = row[j] * (factor * factors[j]);
  } else if (factors == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) result[j] = row[columns[j]] * factor;
  } else {
    for (std::int64_t j = 0; j < count; ++j) result[j] = row[columns[j]] * (factor * factors[j]);
  }
}

PRUMUX_FOR_THIS_PROCESSOR
void put_columns(const float* values, const std::int32_t* columns, std::int64_t count, float factor,
                 const float* factors, float* row) {
  if (columns == nullptr && factors == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) row[j] = values[j] * factor;
  } else if (columns == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) row[j] = values[j] * (factor * factors[j]);
  } else if (factors == nullptr) {
    for (std::int64_t j = 0; j < count; ++j) row[columns[j]] = values[j] * factor;
  } else {
    for (std::int64_t j = 0; j < count; ++j) row[columns[j]] = values[j] * (factor * factors[j]);
  }
}

PRUMUX_FOR_THIS_PROCESSOR
float weighted_product(const float* x, const float* y, const float* factors, std::int64_t count) {
  float sums[kLanes] = {};
  const std::int64_t whole = count / kLanes * kLanes;
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float product = x[j + lane] * y[j + lane];
      sums[lane] += factors == nullptr ? product : product * factors[j + lane];
    }
  }
  float sum = 0.0F;
  for (std::int64_t j = whole; j < count; ++j) {
    sum += x[j] * y[j] * (factors == nullptr ? 1.0F : factors[j]);
  }
  for (const float part : sums) sum += part;
  return sum;
}

PRUMUX_FOR_THIS_PROCESSOR
void add_product(const float* x, const float* y, float factor, std::int64_t count, float* sums) {
  for (std::int64_t j = 0; j < count; ++j) sums[j] += x[j] * y[j] * factor;
}

/// Two permutations, so that seeds that are near give nothing that is alike.
PRUMUX_FOR_THIS_PROCESSOR
void drop(const float* x, std::int64_t count, std::uint64_t seed, std::int64_t first,
          std::uint32_t threshold, float scale, float* result) {
  const auto low = static_cast<std::uint32_t>(seed);
  const auto high = static_cast<std::uint32_t>(seed >> 32);
  const auto begin = static_cast<std::uint32_t>(first);
  for (std::int64_t j = 0; j < count; ++j) {
    const std::uint32_t random = mix(mix((begin + static_cast<std::uint32_t>(j)) ^ low) ^ high);
    const float factor = random >= threshold ? scale : 0.0F;
    result[j] = x[j] * factor;
  }
}

PRUMUX_FOR_THIS_PROCESSOR
void to_bfloat16(const float* x, std::int64_t count, std::uint16_t* result) {
  for (std::int64_t j = 0; j < count; ++j) {
    const auto bits = std::bit_cast<std::uint32_t>(x[j]);
    const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
    constexpr std::uint32_t kNoNumber = 0x7FC0;
    result[j] = static_cast<std::uint16_t>(std::isnan(x[j]) ? kNoNumber : rounded);
  }
}

PRUMUX_FOR_THIS_PROCESSOR
void from_bfloat16(const std::uint16_t* x, std::int64_t count, float* result) {
  for (std::int64_t j = 0; j < count; ++j) {
    result[j] = std::bit_cast<float>(std::uint32_t{x[j]} << 16);
  }
}

}  // namespace prumux::model

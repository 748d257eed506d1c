#pragma once

#include <cstdint>

namespace prumux::model {

// Loops over many elements, compiled for what the processor has. `columns` may be null: all of
// them, in their order. Factors may be null: ones.

/// result[j] = row[columns[j]] * (factor * factors[j]).
void take_columns(const float* row, const std::int32_t* columns, std::int64_t count, float factor,
                  const float* factors, float* result);

/// row[columns[j]] = values[j] * (factor * factors[j]).
void put_columns(const float* values, const std::int32_t* columns, std::int64_t count, float factor,
                 const float* factors, float* row);

/// Sum of x[j] * y[j] * factors[j].
float weighted_product(const float* x, const float* y, const float* factors, std::int64_t count);

/// sums[j] += x[j] * y[j] * factor.
void add_product(const float* x, const float* y, float factor, std::int64_t count, float* sums);

/// result[j] = x[j] * scale, or 0 where the random number of element `first` + j, in the stream of
/// `seed`, is below `threshold`.
void drop(const float* x, std::int64_t count, std::uint64_t seed, std::int64_t first,
          std::uint32_t threshold, float scale, float* result);

/// To the nearest bfloat16, ties to even; what is no number stays none.
void to_bfloat16(const float* x, std::int64_t count, std::uint16_t* result);
void from_bfloat16(const std::uint16_t* x, std::int64_t count, float* result);

}  // namespace prumux::model

#include "core/runtime/kernels/isa/arithmetic.h"
#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/row_product.h"
#include "core/runtime/kernels/isa/token_block.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

constexpr float kLogarithmOfE = 1.44269504F;  // base 2
/// Weights are at most 1/4, so that sums with values stay in range, however the largest score and
/// this are rounded.
constexpr float kWeightShift = 3.0F;
constexpr std::uint32_t kMinusInfinity = 0xFC00U;

/// Weights have one sign: in long sums of halves the small ones would be lost.
struct WeightArithmetic : Float16Arithmetic {
  static constexpr std::size_t kPartialSteps = 32;
};
constexpr std::size_t kWeightSteps = 16;  ///< Of weights without values.

using Element = Float16Arithmetic::Element;

constexpr std::size_t pairs(std::size_t count) { return (count + 1) / 2; }

/// rows[feature / 2][token]: two features, scaled, in an element.
void pair_features(const float* panels, std::size_t panel_stride, std::size_t begin,
                   std::size_t count, std::size_t features, float scale, Element* rows,
                   std::size_t row_stride) {
  for (std::size_t first = 0; first < count; first += kLanes) {
    const TokenBlock tokens(panel_stride, begin + first, count - first);
    const auto feature = [&](std::size_t f) {
      return f < features ? tokens.load(panels + f * kPanelTokens) * scale : Floats{};
    };
    for (std::size_t f = 0; f < features; f += 2) {
      store(rows + f / 2 * row_stride + first, half_pair_of(feature(f), feature(f + 1)));
    }
  }
}

/// rows[feature][token / 2]: two tokens in an element. Whole vectors are written.
void pair_tokens(const float* panels, std::size_t panel_stride, std::size_t begin,
                 std::size_t count, std::size_t features, Element* rows, std::size_t row_stride) {
  for (std::size_t first = 0; first < count; first += 2 * kLanes) {
    const std::size_t second = first + kLanes;
    const TokenBlock low(panel_stride, begin + first, count - first);
    const TokenBlock high(panel_stride, begin + second, second < count ? count - second : 0);
    for (std::size_t f = 0; f < features; ++f) {
      const float* const feature = panels + f * kPanelTokens;
      store(rows + f * row_stride + first / 2,
            narrow_to_halves(low.load(feature), high.load(feature)));
    }
  }
}

/// scores[key / 2][query]: two keys' scores in an element. An odd last key gets one beside it that
/// has no weight.
void score(const Element* keys, std::size_t key_stride, std::size_t key_count,
           const Element* queries, std::size_t steps, std::size_t columns, Element* scores) {
  static_assert(kTileRows % 2 == 0);
  for (std::size_t row = 0; row < key_count; row += kTileRows) {
    const std::size_t left = 2 * pairs(key_count - row);
    for_each_tile(row, left < kTileRows ? left : kTileRows, columns,
                  [&](auto tile_rows, auto tile_vectors, std::size_t first, std::size_t column) {
                    constexpr int kRows = decltype(tile_rows)::value;
                    constexpr int kVectors = decltype(tile_vectors)::value;
                    // Others do not occur.
                    if constexpr (kRows % 2 == 0) {
                      Halves sums[kRows][kVectors];
                      sum_products<Float16Arithmetic>(keys + first, {1, key_stride},
                                                      queries + column, kPanelTokens, steps, sums);
                      Element* to = scores + first / 2 * kPanelTokens + column;
#pragma GCC unroll 4
                      for (int r = 0; r < kRows; r += 2) {
#pragma GCC unroll 4
                        for (int v = 0; v < kVectors; ++v) {
                          store(to + static_cast<std::size_t>(v) * kLanes,
                                sums_of_pairs(sums[r][v], sums[r + 1][v]));
                        }
                        to += kPanelTokens;
                      }
                    }
                  });
  }
  if (key_count % 2 == 0) return;
  Element* const last = scores + key_count / 2 * kPanelTokens;
  for (std::size_t c = 0; c < columns; c += kLanes) {
    store(last + c, (load<Words>(last + c) & 0xFFFFU) | (kMinusInfinity << 16U));
  }
}

/// Down each column the scores' powers of two, over those of the largest one and `kWeightShift`,
/// and the inverse of their sum.
void raise(Element* scores, std::size_t steps, std::size_t columns, float* inverse_sums) {
  for (std::size_t c = 0; c < columns; c += kLanes) {
    Element* const column = scores + c;
    const auto at = [&](std::size_t step) { return load<Halves>(column + step * kPanelTokens); };
    Halves largest = at(0);
    for (std::size_t step = 1; step < steps; ++step) largest = maximum(largest, at(step));
    largest = maximum(largest, swap_pairs(largest)) + broadcast_half(kWeightShift);
    Floats sum = {};
    for (std::size_t step = 0; step < steps;) {
      const std::size_t end = steps - step < kWeightSteps ? steps : step + kWeightSteps;
      Halves part = {};
      for (; step < end; ++step) {
        const Halves weight = power_of_two(at(step) - largest);
        store(column + step * kPanelTokens, weight);
        part += weight;
      }
      sum += sum_of_pairs(part);
    }
    store(inverse_sums + c, 1.0F / sum);
  }
}

}  // namespace

void attend_in_halves(const Attention& a) {
  // Scores are sums that do not go on in float32; beyond 65504 they are no numbers.
  if (a.head_size > kHalfSumFeatures) return attend(a);
  const std::size_t key_stride = attention_key_columns(a.keys);
  const std::size_t value_stride = attention_key_columns(pairs(a.keys));
  auto* const keys = reinterpret_cast<Element*>(a.scratch);
  Element* const values = keys + pairs(a.head_size) * key_stride;
  Element* const queries = values + a.head_size * value_stride;
  Element* const weights = queries + pairs(a.head_size) * kPanelTokens;
  float* const results = a.scratch + (weights - keys) + pairs(a.keys) * kPanelTokens;
  float* const inverse_sums = results + a.head_size * kPanelTokens;

  pair_features(a.key, a.key_stride, a.key_begin, a.keys, a.head_size, 1.0F, keys, key_stride);
  pair_tokens(a.value, a.key_stride, a.key_begin, a.keys, a.head_size, values, value_stride);

  for (std::size_t begin = 0; begin < a.queries; begin += kPanelTokens) {
    const std::size_t left = a.queries - begin;
    const std::size_t count = left < kPanelTokens ? left : kPanelTokens;
    const std::size_t first = a.query_begin + begin;
    const std::size_t columns = (count + kLanes - 1) / kLanes * kLanes;
    pair_features(a.query, a.query_stride, first, count, a.head_size, a.scale * kLogarithmOfE,
                  queries, kPanelTokens);
    score(keys, key_stride, a.keys, queries, pairs(a.head_size), columns, weights);
    raise(weights, pairs(a.keys), columns, inverse_sums);
    multiply_rows<WeightArithmetic>(
        values, {value_stride, 1}, weights, pairs(a.keys), a.head_size, columns, results,
        [&](Floats sum, std::size_t at) { return sum * load_floats(inverse_sums + at); });
    for (std::size_t column = 0; column < count; column += kLanes) {
      const TokenBlock tokens(a.output_stride, first + column, count - column);
      for (std::size_t f = 0; f < a.head_size; ++f) {
        tokens.store(a.output + f * kPanelTokens, load_floats(results + f * kPanelTokens + column));
      }
    }
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#include "core/runtime/kernels/isa/arithmetic.h"
#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/row_product.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

constexpr std::size_t round_up(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

/// Calls `work(panel, column, done, part)` for the part of [begin, begin + count) in each panel.
template <typename Work>
inline void for_each_part(std::size_t begin, std::size_t count, const Work& work) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t column = (begin + done) % kPanelTokens;
    const std::size_t room = kPanelTokens - column;
    const std::size_t part = count - done < room ? count - done : room;
    work((begin + done) / kPanelTokens, column, done, part);
    done += part;
  }
}

template <std::size_t kCount>
inline void copy_if(bool copied, const float*& from, float*& to) {
  if (!copied) return;
  std::memcpy(to, from, kCount * sizeof(float));
  from += kCount;
  to += kCount;
}

/// For a few floats, of which the compiler's copy of so many costs more than they do.
inline void copy_floats(const float* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count / kTokenBlock; ++i) copy_if<kTokenBlock>(true, from, to);
  copy_if<8>((count & 8U) != 0, from, to);
  copy_if<4>((count & 4U) != 0, from, to);
  copy_if<2>((count & 2U) != 0, from, to);
  copy_if<1>((count & 1U) != 0, from, to);
}

/// Tokens [begin, begin + count) of each feature as one row, zeros behind them to a whole block.
void gather_rows(const float* panels, std::size_t panel_stride, std::size_t begin,
                 std::size_t count, std::size_t features, float* rows, std::size_t row_stride) {
  const std::size_t end = round_up(count, kTokenBlock);
  for (std::size_t f = 0; f < features && end > count; ++f) {
    std::memset(rows + f * row_stride + end - kTokenBlock, 0, kTokenBlock * sizeof(float));
  }
  for_each_part(begin, count,
                [&](std::size_t panel, std::size_t column, std::size_t done, std::size_t part) {
                  const float* from = panels + panel * panel_stride + column;
                  for (std::size_t f = 0; f < features; ++f) {
                    copy_floats(from + f * kPanelTokens, part, rows + f * row_stride + done);
                  }
                });
}

/// Of rows of 64.
void scale_rows(float* rows, std::size_t features, std::size_t columns, float scale) {
  for (std::size_t f = 0; f < features; ++f) {
    for (std::size_t c = 0; c < columns; c += kLanes) {
      float* const at = rows + f * kPanelTokens + c;
      store(at, load_floats(at) * scale);
    }
  }
}

// The copies are made in float32 and then turned into a product's elements where they are: what is
// written never overtakes what is still to be read.

struct Float32Head {
  using Arithmetic = Float32Arithmetic;
  static constexpr std::size_t kPerElement = 1;
  static void pair_features(float*, std::size_t, std::size_t, std::size_t) {}
  static void pair_columns(float*, std::size_t, std::size_t, std::size_t) {}
};

struct Bfloat16Head {
  using Arithmetic = Bfloat16Arithmetic;
  static constexpr std::size_t kPerElement = 2;

  /// Rows 2 s and 2 s + 1 become row s.
  static void pair_features(float* rows, std::size_t stride, std::size_t features,
                            std::size_t columns) {
    for (std::size_t f = 0; f < features; f += 2) {
      for (std::size_t c = 0; c < columns; c += kLanes) {
        const Floats low = load_floats(rows + f * stride + c);
        const Floats high = f + 1 < features ? load_floats(rows + (f + 1) * stride + c) : Floats{};
        store(rows + f / 2 * stride + c, bfloat16_pair_of(low, high));
      }
    }
  }

  /// Columns 2 s and 2 s + 1 become column s of the row.
  static void pair_columns(float* rows, std::size_t stride, std::size_t features,
                           std::size_t columns) {
    for (std::size_t f = 0; f < features; ++f) {
      float* row = rows + f * stride;
      // The stride leaves room for a vector behind the last column.
      for (std::size_t c = 0; c < columns; c += 2 * kLanes) {
        store(row + c / 2, narrow_to_bfloat16(load_floats(row + c), load_floats(row + c + kLanes)));
      }
    }
  }
};

/// Down each column: exponentials of the differences to the largest score, as elements, and the
/// inverse of their sum.
template <typename HeadFormat>
void softmax(float* scores, std::size_t keys, std::size_t columns, float* inverse_sums) {
  for (std::size_t c = 0; c < columns; c += kLanes) {
    float* column = scores + c;
    Floats largest = load_floats(column);
    for (std::size_t k = 1; k < keys; ++k) {
      largest = maximum(largest, load_floats(column + k * kPanelTokens));
    }
    Floats sum = {};
    const auto weight = [&](std::size_t key) {
      const Floats value = exponential(load_floats(column + key * kPanelTokens) - largest);
      sum += value;
      return value;
    };
    if constexpr (HeadFormat::kPerElement == 1) {
      for (std::size_t k = 0; k < keys; ++k) store(column + k * kPanelTokens, weight(k));
    } else {
      for (std::size_t k = 0; k < keys; k += 2) {
        const Floats low = weight(k);
        const Floats high = k + 1 < keys ? weight(k + 1) : Floats{};
        store(column + k / 2 * kPanelTokens, bfloat16_pair_of(low, high));
      }
    }
    store(inverse_sums + c, 1.0F / sum);
  }
}

template <typename HeadFormat>
void attend_as(const Attention& a) {
  using Arithmetic = typename HeadFormat::Arithmetic;
  const auto elements = [](const float* rows) {
    return reinterpret_cast<const typename Arithmetic::Element*>(rows);
  };
  const std::size_t key_stride = attention_key_columns(a.keys);
  const std::size_t key_columns = round_up(a.keys, kTokenBlock);
  float* keys = a.scratch;
  float* values = keys + a.head_size * key_stride;
  float* queries = values + a.head_size * key_stride;
  float* weights = queries + a.head_size * kPanelTokens;
  float* results = weights + a.keys * kPanelTokens;
  float* inverse_sums = results + a.head_size * kPanelTokens;
  const std::size_t feature_steps =
      round_up(a.head_size, HeadFormat::kPerElement) / HeadFormat::kPerElement;
  const std::size_t key_steps = round_up(a.keys, HeadFormat::kPerElement) / HeadFormat::kPerElement;

  gather_rows(a.key, a.key_stride, a.key_begin, a.keys, a.head_size, keys, key_stride);
  gather_rows(a.value, a.key_stride, a.key_begin, a.keys, a.head_size, values, key_stride);
  HeadFormat::pair_features(keys, key_stride, a.head_size, key_columns);
  HeadFormat::pair_columns(values, key_stride, a.head_size, key_columns);

  for (std::size_t begin = 0; begin < a.queries; begin += kPanelTokens) {
    const std::size_t left = a.queries - begin;
    const std::size_t count = left < kPanelTokens ? left : kPanelTokens;
    const std::size_t columns = round_up(count, kTokenBlock);
    gather_rows(a.query, a.query_stride, a.query_begin + begin, count, a.head_size, queries,
                kPanelTokens);
    scale_rows(queries, a.head_size, columns, a.scale);
    HeadFormat::pair_features(queries, kPanelTokens, a.head_size, columns);
    multiply_rows<Arithmetic>(elements(keys), {1, key_stride}, elements(queries), feature_steps,
                              a.keys, columns, weights,
                              [](Floats sum, std::size_t) { return sum; });
    softmax<HeadFormat>(weights, a.keys, columns, inverse_sums);
    multiply_rows<Arithmetic>(
        elements(values), {key_stride, 1}, elements(weights), key_steps, a.head_size, columns,
        results, [&](Floats sum, std::size_t at) { return sum * load_floats(inverse_sums + at); });
    for_each_part(a.query_begin + begin, count,
                  [&](std::size_t panel, std::size_t column, std::size_t done, std::size_t part) {
                    float* to = a.output + panel * a.output_stride + column;
                    for (std::size_t f = 0; f < a.head_size; ++f) {
                      copy_floats(results + f * kPanelTokens + done, part, to + f * kPanelTokens);
                    }
                  });
  }
}

}  // namespace

void attend(const Attention& attention) { attend_as<Float32Head>(attention); }

void attend_in_short_numbers(const Attention& attention) {
#if defined(__AMX_TILE__)
  attend_in_tiles(attention);
#elif defined(__AVX512FP16__)
  attend_in_halves(attention);
#elif defined(__AVX2__) && !defined(__AVX512BF16__)
  // Without instructions for bfloat16, its products take longer than those of float32.
  attend(attention);
#else
  attend_as<Bfloat16Head>(attention);
#endif
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

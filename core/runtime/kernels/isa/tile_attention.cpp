#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/tile_registers.h"
#include "core/runtime/kernels/isa/vector.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// Queries whose scores are computed together: two tiles side by side.
constexpr std::size_t kQueryBlock = 2 * kTileSize;

constexpr std::size_t tiles_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

__mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFFU : (1U << count) - 1U);
}

/// Up to 16 tokens of panels from anywhere on, which may be in two panels.
class TokenBlock {
 public:
  TokenBlock(std::size_t panel_stride, std::size_t begin, std::size_t count)
      : first_(begin / kPanelTokens * panel_stride + begin % kPanelTokens) {
    const std::size_t room = kPanelTokens - begin % kPanelTokens;
    all_ = first_lanes(count);
    here_ = static_cast<__mmask16>(all_ & first_lanes(room));
    // Where its lanes would begin if it were as long as the first part.
    next_ = first_ - begin % kPanelTokens + panel_stride - room;
  }

  /// Of one feature; zero in the other lanes.
  Floats load(const float* feature) const {
    const __m512 part = _mm512_maskz_loadu_ps(here_, feature + first_);
    if (here_ == all_) return reinterpret<Floats>(part);
    return reinterpret<Floats>(
        _mm512_mask_loadu_ps(part, static_cast<__mmask16>(all_ & ~here_), feature + next_));
  }

  void store(float* feature, Floats values) const {
    _mm512_mask_storeu_ps(feature + first_, here_, reinterpret<__m512>(values));
    if (here_ == all_) return;
    _mm512_mask_storeu_ps(feature + next_, static_cast<__mmask16>(all_ & ~here_),
                          reinterpret<__m512>(values));
  }

 private:
  std::size_t first_;
  std::size_t next_;
  __mmask16 all_;
  __mmask16 here_;
};

/// rows[r][c] = the old rows[c][r].
void transpose(Words (&rows)[kTileSize]) {
  const auto swap = [&](std::size_t distance, const Words& low, const Words& high) {
    for (std::size_t r = 0; r < kTileSize; ++r) {
      if ((r & distance) != 0) continue;
      const Words a = rows[r];
      const Words b = rows[r + distance];
      rows[r] = __builtin_shuffle(a, b, low);
      rows[r + distance] = __builtin_shuffle(a, b, high);
    }
  };
  // Blocks of `distance` columns change places with those of the row so far below.
  swap(8, Words{0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23},
       Words{8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31});
  swap(4, Words{0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27},
       Words{4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31});
  swap(2, Words{0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29},
       Words{2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31});
  swap(1, Words{0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30},
       Words{1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31});
}

/// 2^x to 1e-4, which bfloat16 cannot tell from it, for x <= 0.
Floats coarse_power_of_two(Floats x) {
  const auto n = reinterpret<Floats>(
      _mm512_maskz_roundscale_ps(first_lanes(kLanes), reinterpret<__m512>(x), 0));
  const Floats r = x - n;
  Floats p = broadcast(0.05517164F);
  p = p * r + 0.24261117F;
  p = p * r + 0.69326099F;
  p = p * r + 0.99992807F;
  return reinterpret<Floats>(
      _mm512_maskz_scalef_ps(first_lanes(kLanes), reinterpret<__m512>(p), reinterpret<__m512>(n)));
}

/// One head over one sequence, its operands as tiles in the scratch memory.
class TileAttention {
 public:
  explicit TileAttention(const Attention& attention)
      : a_(attention),
        feature_steps_(tiles_of(a_.head_size, 2 * kTileSize)),
        feature_tiles_(tiles_of(a_.head_size, kTileSize)),
        key_steps_(tiles_of(a_.keys, 2 * kTileSize)),
        key_tiles_(tiles_of(a_.keys, kTileSize)) {
    auto* next = reinterpret_cast<std::uint32_t*>(a_.scratch);
    const auto take = [&](std::size_t tiles) {
      std::uint32_t* const begin = next;
      next += tiles * kTileElements;
      return begin;
    };
    keys_ = take(key_tiles_ * feature_steps_);
    values_ = take(feature_tiles_ * key_steps_);
    queries_ = take(2 * feature_steps_);
    results_ = reinterpret_cast<float*>(take(2 * feature_tiles_));
    weights_ = take(2 * weight_stride() / kTileElements);
  }

  void run() {
    const TileRegisters registers;
    put_keys();
    put_values();
    for (std::size_t begin = 0; begin < a_.queries; begin += kQueryBlock) {
      const std::size_t left = a_.queries - begin;
      if (left > kTileSize) {
        attend<2>(begin, left < kQueryBlock ? left : kQueryBlock);
      } else {
        attend<1>(begin, left);
      }
    }
  }

 private:
  /// Pairs of features at some tokens, one step of them.
  void read_pairs(const float* panels, const TokenBlock& tokens, std::size_t step,
                  Words (&pairs)[kTileSize]) const {
    for (std::size_t k = 0; k < kTileSize; ++k) {
      const std::size_t feature = 2 * (step * kTileSize + k);
      const auto values = [&](std::size_t f) {
        return f < a_.head_size ? tokens.load(panels + f * kPanelTokens) : Floats{};
      };
      pairs[k] = pair_of(values(feature), values(feature + 1));
    }
  }

  static void put_tile(const Words (&rows)[kTileSize], std::uint32_t* tile) {
    for (std::size_t r = 0; r < kTileSize; ++r) store(tile + r * kTileSize, rows[r]);
  }

  /// Rows of keys, their features side by side.
  void put_keys() {
    for (std::size_t tile = 0; tile < key_tiles_; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(a_.key_stride, a_.key_begin + first, a_.keys - first);
      for (std::size_t step = 0; step < feature_steps_; ++step) {
        Words pairs[kTileSize];
        read_pairs(a_.key, tokens, step, pairs);
        transpose(pairs);
        put_tile(pairs, keys_ + (tile * feature_steps_ + step) * kTileElements);
      }
    }
  }

  /// Rows of features, pairs of keys side by side.
  void put_values() {
    for (std::size_t step = 0; step < key_steps_; ++step) {
      const std::size_t first = step * 2 * kTileSize;
      const TokenBlock low(a_.key_stride, a_.key_begin + first, a_.keys - first);
      const std::size_t second = first + kTileSize;
      const TokenBlock high(a_.key_stride, a_.key_begin + second,
                            second < a_.keys ? a_.keys - second : 0);
      for (std::size_t f = 0; f < a_.head_size; ++f) {
        const float* feature = a_.value + f * kPanelTokens;
        const std::size_t tile = f / kTileSize * key_steps_ + step;
        store(values_ + tile * kTileElements + f % kTileSize * kTileSize,
              narrow(low.load(feature), high.load(feature)));
      }
    }
  }

  template <int kTiles>
  void attend(std::size_t begin, std::size_t count) {
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(a_.query_stride, a_.query_begin + begin + first, count - first);
      for (std::size_t step = 0; step < feature_steps_; ++step) {
        Words pairs[kTileSize];
        read_pairs(a_.query, tokens, step, pairs);
        put_tile(pairs, queries_ + (tile * feature_steps_ + step) * kTileElements);
      }
    }
    const TileOperands scores{keys_, feature_steps_ * kTileElements, queries_,
                              feature_steps_ * kTileElements};
    multiply_rows<kTiles>(scores, key_tiles_, feature_steps_, reinterpret_cast<float*>(weights_),
                          weight_stride());
    Floats inverse_sums[kTiles];
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      inverse_sums[tile] = softmax(weights_ + tile * weight_stride());
    }
    const TileOperands sums{values_, key_steps_ * kTileElements, weights_, weight_stride()};
    multiply_rows<kTiles>(sums, feature_tiles_, key_steps_, results_,
                          feature_tiles_ * kTileElements);
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(a_.output_stride, a_.query_begin + begin + first, count - first);
      const float* from = results_ + tile * feature_tiles_ * kTileElements;
      for (std::size_t f = 0; f < a_.head_size; ++f) {
        tokens.store(a_.output + f * kPanelTokens,
                     load_floats(from + f * kTileSize) * inverse_sums[tile]);
      }
    }
  }

  /// `results`, column by column of tiles.
  template <int kColumns>
  static void multiply_rows(TileOperands operands, std::size_t row_tiles, std::size_t steps,
                            float* results, std::size_t column_stride) {
    std::size_t row = 0;
    for (; row + 2 <= row_tiles; row += 2) {
      multiply_tiles<Bfloat16Tiles, 2, kColumns>(operands, steps, [] {});
      TileSumRegisters<Bfloat16Tiles, 2, kColumns>::store(results + row * kTileElements,
                                                          kTileElements, column_stride);
      operands.rows += 2 * operands.row_stride;
    }
    if (row < row_tiles) {
      multiply_tiles<Bfloat16Tiles, 1, kColumns>(operands, steps, [] {});
      TileSumRegisters<Bfloat16Tiles, 1, kColumns>::store(results + row * kTileElements,
                                                          kTileElements, column_stride);
    }
  }

  Floats largest_of(const std::uint32_t* column) const {
    const auto score = [&](std::size_t key) { return load<Floats>(column + key * kTileSize); };
    // Several chains side by side hide the latency of each.
    constexpr std::size_t kChains = 4;
    Floats largest[kChains] = {score(0), score(0), score(0), score(0)};
    std::size_t key = 0;
    for (; key + kChains <= a_.keys; key += kChains) {
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kChains; ++c) largest[c] = maximum(largest[c], score(key + c));
    }
    for (; key < a_.keys; ++key) largest[0] = maximum(largest[0], score(key));
    return maximum(maximum(largest[0], largest[1]), maximum(largest[2], largest[3]));
  }

  /// Down each column: scores become powers of their differences to the largest one, in pairs of
  /// keys, zero behind the last key. Returns the inverse of their sum.
  Floats softmax(std::uint32_t* column) const {
    const auto score = [&](std::size_t key) { return load<Floats>(column + key * kTileSize); };
    const Floats largest = largest_of(column);
    constexpr float kLog2E = 1.44269504F;
    const float factor = a_.scale * kLog2E;
    const Floats shift = largest * factor;
    Floats sums[2] = {};
    std::size_t key = 0;
    const auto weight = [&](std::size_t at) {
      return coarse_power_of_two(score(at) * factor - shift);
    };
    for (; key + 2 <= a_.keys; key += 2) {
      const Floats low = weight(key);
      const Floats high = weight(key + 1);
      sums[0] += low;
      sums[1] += high;
      store(column + key / 2 * kTileSize, pair_of(low, high));
    }
    if (key < a_.keys) {
      const Floats low = weight(key);
      sums[0] += low;
      store(column + key / 2 * kTileSize, pair_of(low, Floats{}));
      key += 2;
    }
    for (; key < key_steps_ * 2 * kTileSize; key += 2) {
      store(column + key / 2 * kTileSize, Words{});
    }
    return 1.0F / (sums[0] + sums[1]);
  }

  /// Elements of a tile of queries' scores, and of their weights.
  std::size_t weight_stride() const { return 2 * key_steps_ * kTileElements; }

  const Attention& a_;
  std::size_t feature_steps_;
  std::size_t feature_tiles_;
  std::size_t key_steps_;
  std::size_t key_tiles_;
  std::uint32_t* keys_;
  std::uint32_t* values_;
  std::uint32_t* queries_;
  std::uint32_t* weights_;  ///< Of a tile of queries, then of the next one; scores before.
  float* results_;
};

}  // namespace

void attend_in_tiles(const Attention& attention) { TileAttention(attention).run(); }

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

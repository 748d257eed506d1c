#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/tile_registers.h"
#include "core/runtime/kernels/isa/token_block.h"
#include "core/runtime/kernels/isa/transpose.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// Queries whose scores are computed together: two tiles side by side.
constexpr std::size_t kQueryBlock = 2 * kTileSize;

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
      : attention_(attention), tiles_(attention.keys, attention.head_size) {
    auto* next = reinterpret_cast<std::uint32_t*>(attention_.scratch);
    const auto take = [&](std::size_t tiles) {
      std::uint32_t* const begin = next;
      next += tiles * kTileElements;
      return begin;
    };
    keys_ = take(tiles_.keys());
    values_ = take(tiles_.values());
    queries_ = take(tiles_.queries());
    results_ = reinterpret_cast<float*>(take(tiles_.results()));
    weights_ = take(tiles_.weights());
  }

  void run() {
    const TileRegisters registers;
    put_keys();
    put_values();
    for (std::size_t begin = 0; begin < attention_.queries; begin += kQueryBlock) {
      const std::size_t left = attention_.queries - begin;
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
        return f < attention_.head_size ? tokens.load(panels + f * kPanelTokens) : Floats{};
      };
      pairs[k] = bfloat16_pair_of(values(feature), values(feature + 1));
    }
  }

  static void put_tile(const Words (&rows)[kTileSize], std::uint32_t* tile) {
    for (std::size_t r = 0; r < kTileSize; ++r) store(tile + r * kTileSize, rows[r]);
  }

  /// Rows of keys, their features side by side.
  void put_keys() {
    for (std::size_t tile = 0; tile < tiles_.key_tiles; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(attention_.key_stride, attention_.key_begin + first,
                              attention_.keys - first);
      for (std::size_t step = 0; step < tiles_.feature_steps; ++step) {
        Words pairs[kTileSize];
        read_pairs(attention_.key, tokens, step, pairs);
        transpose(pairs);
        put_tile(pairs, keys_ + (tile * tiles_.feature_steps + step) * kTileElements);
      }
    }
  }

  /// Rows of features, pairs of keys side by side.
  void put_values() {
    for (std::size_t step = 0; step < tiles_.key_steps; ++step) {
      const std::size_t first = step * 2 * kTileSize;
      const TokenBlock low(attention_.key_stride, attention_.key_begin + first,
                           attention_.keys - first);
      const std::size_t second = first + kTileSize;
      const TokenBlock high(attention_.key_stride, attention_.key_begin + second,
                            second < attention_.keys ? attention_.keys - second : 0);
      for (std::size_t f = 0; f < attention_.head_size; ++f) {
        const float* feature = attention_.value + f * kPanelTokens;
        const std::size_t tile = f / kTileSize * tiles_.key_steps + step;
        store(values_ + tile * kTileElements + f % kTileSize * kTileSize,
              narrow_to_bfloat16(low.load(feature), high.load(feature)));
      }
    }
  }

  template <int kTiles>
  void attend(std::size_t begin, std::size_t count) {
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(attention_.query_stride, attention_.query_begin + begin + first,
                              count - first);
      for (std::size_t step = 0; step < tiles_.feature_steps; ++step) {
        Words pairs[kTileSize];
        read_pairs(attention_.query, tokens, step, pairs);
        put_tile(pairs, queries_ + (tile * tiles_.feature_steps + step) * kTileElements);
      }
    }
    const TileOperands scores{keys_, tiles_.feature_steps * kTileElements, queries_,
                              tiles_.feature_steps * kTileElements};
    multiply_rows<kTiles>(scores, tiles_.key_tiles, tiles_.feature_steps,
                          reinterpret_cast<float*>(weights_), weight_stride());
    Floats inverse_sums[kTiles];
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      inverse_sums[tile] = softmax(weights_ + tile * weight_stride());
    }
    const TileOperands sums{values_, tiles_.key_steps * kTileElements, weights_, weight_stride()};
    multiply_rows<kTiles>(sums, tiles_.feature_tiles, tiles_.key_steps, results_,
                          tiles_.feature_tiles * kTileElements);
    for (std::size_t tile = 0; tile < kTiles; ++tile) {
      const std::size_t first = tile * kTileSize;
      const TokenBlock tokens(attention_.output_stride, attention_.query_begin + begin + first,
                              count - first);
      const float* from = results_ + tile * tiles_.feature_tiles * kTileElements;
      for (std::size_t f = 0; f < attention_.head_size; ++f) {
        tokens.store(attention_.output + f * kPanelTokens,
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
    for (; key + kChains <= attention_.keys; key += kChains) {
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kChains; ++c) largest[c] = maximum(largest[c], score(key + c));
    }
    for (; key < attention_.keys; ++key) largest[0] = maximum(largest[0], score(key));
    return maximum(maximum(largest[0], largest[1]), maximum(largest[2], largest[3]));
  }

  /// Down each column: scores become powers of their differences to the largest one, in pairs of
  /// keys, zero behind the last key. Returns the inverse of their sum.
  Floats softmax(std::uint32_t* column) const {
    const auto score = [&](std::size_t key) { return load<Floats>(column + key * kTileSize); };
    const Floats largest = largest_of(column);
    constexpr float kLog2E = 1.44269504F;
    const float factor = attention_.scale * kLog2E;
    const Floats shift = largest * factor;
    Floats sums[2] = {};
    std::size_t key = 0;
    const auto weight = [&](std::size_t at) {
      return coarse_power_of_two(score(at) * factor - shift);
    };
    for (; key + 2 <= attention_.keys; key += 2) {
      const Floats low = weight(key);
      const Floats high = weight(key + 1);
      sums[0] += low;
      sums[1] += high;
      store(column + key / 2 * kTileSize, bfloat16_pair_of(low, high));
    }
    if (key < attention_.keys) {
      const Floats low = weight(key);
      sums[0] += low;
      store(column + key / 2 * kTileSize, bfloat16_pair_of(low, Floats{}));
      key += 2;
    }
    for (; key < tiles_.key_steps * 2 * kTileSize; key += 2) {
      store(column + key / 2 * kTileSize, Words{});
    }
    return 1.0F / (sums[0] + sums[1]);
  }

  /// Elements of a tile of queries' scores, and of their weights.
  std::size_t weight_stride() const { return 2 * tiles_.key_steps * kTileElements; }

  const Attention& attention_;
  AttentionTiles tiles_;
  std::uint32_t* keys_;
  std::uint32_t* values_;
  std::uint32_t* queries_;
  std::uint32_t* weights_;  ///< Of a tile of queries, then of the next one; scores before.
  float* results_;
};

}  // namespace

void attend_in_tiles(const Attention& attention) { TileAttention(attention).run(); }

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA

#pragma once

#include <cstddef>
#include <cstdint>

#include "core/runtime/kernels/instruction_set.h"
#include "core/runtime/kernels/packed_matrix.h"
#include "core/runtime/kernels/panel.h"

namespace prumux::runtime::kernels {

// Strides of panels are in elements: `rows * kPanelTokens` where a panel has `rows` features.

enum class Epilogue {
  store,  ///< output = W x + b
  gelu,   ///< output = gelu(W x + b) with the error function; to 2e-4 except in float32
  add,    ///< output += W x + b
  /// The elements of gelu(W x + b) for another product, in half precision to 3e-3 and the rounding
  /// of halves; only in formats that `has_pairs`.
  gelu_operands,
};

/// Panels of float32 -> panels of a product's elements.
struct Conversion {
  const float* input = nullptr;
  std::size_t input_stride = 0;
  std::size_t features = 0;
  std::size_t tokens = 0;
  NumberFormat format = NumberFormat::float32;
  /// Panels; of tiled formats blocks of `kTileSize` tokens, one behind the other in a panel.
  std::uint32_t* output = nullptr;
  std::size_t output_stride = 0;
  float* token_scales = nullptr;  ///< [tokens, in whole blocks]; written if quantised.
};

/// Product of a weight matrix with the activations of many tokens.
struct Product {
  const PackedMatrix* matrix = nullptr;
  const std::uint32_t* input = nullptr;  ///< From a `Conversion` to the matrix's format.
  std::size_t input_stride = 0;
  const float* token_scales = nullptr;
  float* output = nullptr;
  std::size_t output_stride = 0;
  std::size_t tokens = 0;
  Epilogue epilogue = Epilogue::store;
  std::uint32_t* operands = nullptr;  ///< In place of the output for `gelu_operands`.
};

/// One head over one sequence. Keys and values are `keys` tokens from `key_begin` on, queries
/// `queries` tokens from `query_begin` on, possibly of other panels.
struct Attention {
  const float* query = nullptr;  ///< Panels that begin at the head's first feature, as the others.
  const float* key = nullptr;
  const float* value = nullptr;
  std::size_t query_stride = 0;
  std::size_t key_stride = 0;  ///< Of the values too.
  std::size_t query_begin = 0;
  std::size_t queries = 0;
  std::size_t key_begin = 0;
  std::size_t keys = 0;
  std::size_t head_size = 0;
  float scale = 1.0F;
  float* output = nullptr;  ///< Panels; written where the queries are.
  std::size_t output_stride = 0;
  float* scratch = nullptr;  ///< `attention_scratch` floats.
};

/// Columns of a copied head's keys: whole blocks, and no power of two, whose rows would share the
/// same few cache lines.
constexpr std::size_t attention_key_columns(std::size_t keys) {
  return (keys + kTokenBlock - 1) / kTokenBlock * kTokenBlock + kTokenBlock;
}

/// How many tiles attention in tiles has of each of its operands.
struct AttentionTiles {
  std::size_t feature_steps;  ///< Tiles that a head's features take as pairs, in a row of keys.
  std::size_t feature_tiles;  ///< As rows of values.
  std::size_t key_steps;
  std::size_t key_tiles;

  constexpr AttentionTiles(std::size_t keys, std::size_t head_size)
      : feature_steps((head_size + 2 * kTileSize - 1) / (2 * kTileSize)),
        feature_tiles((head_size + kTileSize - 1) / kTileSize),
        key_steps((keys + 2 * kTileSize - 1) / (2 * kTileSize)),
        key_tiles((keys + kTileSize - 1) / kTileSize) {}

  constexpr std::size_t keys() const { return key_tiles * feature_steps; }
  constexpr std::size_t values() const { return feature_tiles * key_steps; }
  // Of two tiles of queries:
  constexpr std::size_t queries() const { return 2 * feature_steps; }
  constexpr std::size_t results() const { return 2 * feature_tiles; }
  constexpr std::size_t weights() const { return 4 * key_steps; }  ///< Scores before.
  constexpr std::size_t all() const {
    return keys() + values() + queries() + results() + weights();
  }
};

/// Floats that attention to at most so many keys needs.
std::size_t attention_scratch(std::size_t keys, std::size_t head_size);

/// LayerNorm of every token over the features.
struct Normalisation {
  const float* input = nullptr;
  float* output = nullptr;  ///< May be the input.
  std::size_t stride = 0;   ///< Of both.
  std::size_t features = 0;
  std::size_t tokens = 0;
  const float* weight = nullptr;
  const float* bias = nullptr;
  float epsilon = 0.0F;
};

/// What one instance reads at a position.
struct EmbeddingRow {
  const void* word = nullptr;     ///< A row of the words' table; null: the instance is left out.
  const float* offset = nullptr;  ///< Of its position and type.
};

/// One position of a multiplexed group: sum over the instances of r_i (t_i - m_i) * gains_i +
/// shifts_i, where t_i = word_i + offset_i, and m_i and r_i are its mean and inverse deviation.
struct MixedPosition {
  const EmbeddingRow* rows = nullptr;                ///< [instances], of `width` numbers.
  const EmbeddingRow* next_rows = nullptr;           ///< Those that will be read next.
  NumberFormat word_format = NumberFormat::float32;  ///< Or bfloat16.
  const float* gains = nullptr;                      ///< [instances, stride].
  const float* shifts = nullptr;                     ///< [instances, stride].
  const float* all_shifts = nullptr;                 ///< [stride], the sum of `shifts`.
  std::size_t instances = 0;
  std::size_t width = 0;
  std::size_t stride = 0;  ///< A multiple of `kTokenBlock`, as every row in `sum` and `scratch`.
  float epsilon = 0.0F;
  float* sum = nullptr;      ///< [stride], overwritten.
  float* scratch = nullptr;  ///< [stride].
};

/// The kernels of one instruction set, for the formats that it `knows`. Aligned data, as in an
/// `AlignedBuffer`, is read faster.
struct Kernels {
  void (*convert)(const Conversion&);
  void (*multiply)(const Product&);
  void (*attend)(const Attention&);                   ///< In float32.
  void (*attend_in_short_numbers)(const Attention&);  ///< Products of 16 bits where faster.
  void (*normalise)(const Normalisation&);
  void (*mix)(const MixedPosition&);
  void (*gelu)(float*, std::size_t count);  ///< count: a multiple of `kTokenBlock`.
  void (*tanh)(float*, std::size_t count);
};

/// Whether the kernels of an instruction set compute in a format: tiled ones and halves need
/// instructions of their own.
bool knows(InstructionSet instruction_set, NumberFormat format);

/// Kernels of an instruction set that is supported here.
const Kernels& kernels_for(InstructionSet instruction_set);

namespace portable {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
namespace avx512_fp16 {
extern const Kernels kKernels;
}
namespace amx {
extern const Kernels kKernels;
}

}  // namespace prumux::runtime::kernels

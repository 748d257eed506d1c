#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/runtime/kernels/aligned_buffer.h"
#include "core/runtime/kernels/packed_matrix.h"

namespace prumux::runtime {

// A model as the kernels read it: weights packed, everything that depends on no input computed
// once. N instances, e: the embeddings' width, d': the encoder's width.

struct Norm {
  std::vector<float> weight;
  std::vector<float> bias;
  float epsilon = 0.0F;
};

/// y = W x + b; of a factorised W the product is taken through its rank.
struct LinearWeights {
  std::optional<kernels::PackedMatrix> reduction;  ///< [rank, in].
  kernels::PackedMatrix matrix;                    ///< [out, in], or [out, rank].
};

/// One attention block. No heads leave the output's bias.
struct AttentionWeights {
  std::size_t heads = 0;
  LinearWeights query;
  std::vector<LinearWeights> keys_values;  ///< The keys' rows, then the values', in one or two.
  LinearWeights output;
};

/// Intermediate units in blocks that stay in the cache between the two products.
struct FeedForwardBlock {
  kernels::PackedMatrix inner;
  kernels::PackedMatrix outer;  ///< Its results add up; the bias is the first block's.
};

/// Factorised, what the blocks read is reduced first, or what they give is expanded.
struct FeedForwardWeights {
  std::optional<kernels::PackedMatrix> reduction;
  std::vector<FeedForwardBlock> blocks;
  std::optional<kernels::PackedMatrix> expansion;  ///< Absent: the blocks add to the residual.
};

/// A block that is not there is an identity.
struct LayerWeights {
  std::optional<AttentionWeights> attention;
  Norm attention_norm;
  std::optional<FeedForwardWeights> feed_forward;
  Norm feed_forward_norm;
};

/// From tokens to the embeddings of one position of a group: the instances' embeddings, normalised
/// and mixed. A model of one instance mixes one.
struct EmbeddingWeights {
  std::size_t width = 0;         ///< e.
  const float* words = nullptr;  ///< [vocabulary, e]; the model's own table.
  /// The same in bfloat16, unless products are computed in float32: reading them is what takes
  /// time.
  kernels::AlignedBuffer<std::uint16_t> bfloat16_words;
  std::size_t vocabulary = 0;
  std::size_t positions = 0;
  std::size_t types = 0;
  kernels::AlignedBuffer<float> offsets;  ///< [types, positions, stride]: position plus type.
  std::size_t offset_stride = 0;
  kernels::AlignedBuffer<float> gains;       ///< [N, stride]: LayerNorm's weight, times v_i.
  kernels::AlignedBuffer<float> shifts;      ///< [N, stride]: its bias, times v_i.
  kernels::AlignedBuffer<float> all_shifts;  ///< [stride], their sum.
  float epsilon = 0.0F;
  /// RoBERTa's positions count tokens that are no padding, from behind the padding's id.
  bool counts_tokens = false;
  std::int64_t padding_id = 0;

  const void* word(std::size_t id) const {
    if (bfloat16_words.size() > 0) return bfloat16_words.data() + id * width;
    return words + id * width;
  }

  /// Row 0 of the positions' table that a row uses.
  std::size_t first_position() const {
    return counts_tokens ? static_cast<std::size_t>(padding_id + 1) : 0;
  }
};

/// How the N embeddings become one, and what is added then.
struct MixingWeights {
  std::size_t instances = 1;
  bool pads_are_tokens = false;  ///< Padding is attended to, and counts in the mean.
  double normalisation = 1.0;
  std::vector<std::uint32_t> kept;                ///< Columns; empty: all.
  std::optional<kernels::PackedMatrix> matrix;    ///< [d', N * e] in place of the columns.
  std::vector<std::vector<std::int64_t>> prefix;  ///< [N][P] tokens in front of every row.
  std::optional<std::int64_t> first_token;
  /// [positions, d'] of a second embedding, and its norm; only in multiplexed models.
  kernels::AlignedBuffer<float> second_offsets;
  std::optional<Norm> second_norm;
  std::optional<kernels::PackedMatrix> projection;  ///< [d', e] of models with narrow embeddings.

  std::size_t prefix_length() const { return prefix.empty() ? 0 : prefix.front().size(); }
};

enum class HeadActivation { identity, gelu, tanh, relu };

/// y = norm(activation(W x + b)), plus x where `residual`.
struct DenseStep {
  kernels::PackedMatrix matrix;
  HeadActivation activation = HeadActivation::identity;
  std::optional<Norm> norm;
  bool residual = false;
};

/// Features of instance i from the hidden state h of one position and that of position i (keys).
struct SeparationWeights {
  std::vector<kernels::PackedMatrix> token;  ///< One, or one for each instance; without bias.
  std::optional<kernels::PackedMatrix> key;  ///< Absent: the encoder computes no keys.
  std::size_t width = 0;                     ///< Of the features.
  std::vector<float> offsets;                ///< [N, width].
  HeadActivation activation = HeadActivation::identity;
  std::vector<Norm> norms;  ///< None, one, or one for each instance.

  bool one_for_each_instance() const { return token.size() > 1 || norms.size() > 1; }
};

struct Network {
  std::size_t width = 0;  ///< d'.
  std::size_t head_size = 0;
  kernels::NumberFormat format = kernels::NumberFormat::float32;
  EmbeddingWeights embedding;
  MixingWeights mixing;
  std::vector<LayerWeights> layers;
  /// Positions of a sequence whose hidden states are read, ascending; keys first. Empty: all.
  std::vector<std::size_t> read_positions;
  std::optional<SeparationWeights> separation;
  std::vector<DenseStep> head;  ///< The last one gives the logits.
  std::size_t labels = 0;
};

}  // namespace prumux::runtime

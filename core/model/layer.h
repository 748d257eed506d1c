#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "prumux/structure.h"

namespace prumux::model {

/// y = x W^T + b.
struct Affine {
  at::Tensor weight;       ///< [out, in], or [out, rank] of a factorised one.
  at::Tensor bias;         ///< [out].
  at::Tensor reduction{};  ///< [rank, in] of a factorised one: x is taken to the rank first.

  bool factorised() const { return reduction.defined(); }
  /// The tensor whose columns are those of x.
  const at::Tensor& input_weight() const { return factorised() ? reduction : weight; }
};

/// The nearest product of `rank` dimensions, balanced: both factors have the same singular values.
Affine factorise(const Affine& parameters, std::int64_t rank);

/// LayerNorm's scale and shift.
struct Norm {
  at::Tensor weight;
  at::Tensor bias;
};

/// h heads of size dh over d' hidden dimensions. h = 0 leaves the output's bias.
struct AttentionBlock {
  Affine query;  ///< [h*dh, d'], as key and value.
  Affine key;
  Affine value;
  Affine output;  ///< [d', h*dh].
};

/// I' intermediate dimensions. I' = 0 leaves the output's bias.
struct FeedForwardBlock {
  Affine intermediate;  ///< [I', d'].
  Affine output;        ///< [d', I'].
};

/// One encoder layer. A block that is not there is an identity, and its LayerNorm is not used.
struct Layer {
  std::optional<AttentionBlock> attention;
  Norm attention_norm;
  std::optional<FeedForwardBlock> feed_forward;
  Norm feed_forward_norm;
};

/// What every layer of a forward pass shares.
struct LayerContext {
  std::int64_t head_size = 0;  ///< Of the dense architecture: it also scales the scores.
  double layer_norm_eps = 0.0;
  double hidden_dropout = 0.0;  ///< 0 in evaluation, as the next.
  double attention_dropout = 0.0;
  at::Tensor attention_bias;  ///< [B, 1, 1, S], added to the scores; undefined: nothing is masked.
};

/// Added to the scores of positions that must not be read (transformers up to 4.19).
inline constexpr double kMaskedScore = -10000.0;

/// attention_mask [B, L] -> [B, 1, 1, L] float32; undefined when nothing is masked.
at::Tensor attention_bias(const at::Tensor& attention_mask);

at::Tensor affine(const at::Tensor& x, const Affine& parameters);
at::Tensor layer_norm(const at::Tensor& x, const Norm& parameters, double eps);

/// x [B, S, d'] -> [B, Q, d'] for the first Q of S positions.
at::Tensor forward_layer(const at::Tensor& x, const Layer& layer, const LayerContext& context,
                         std::int64_t query_positions);

/// Calls `visit(name, affine)` for each linear layer of a block that is there.
template <typename Block, typename Visitor>
void visit_attention(Block& block, const std::string& prefix, const Visitor& visit) {
  if (!block) return;
  visit(prefix + "attention.self.query", block->query);
  visit(prefix + "attention.self.key", block->key);
  visit(prefix + "attention.self.value", block->value);
  visit(prefix + "attention.output.dense", block->output);
}
template <typename Block, typename Visitor>
void visit_feed_forward(Block& block, const std::string& prefix, const Visitor& visit) {
  if (!block) return;
  visit(prefix + "intermediate.dense", block->intermediate);
  visit(prefix + "output.dense", block->output);
}

/// Calls `visit(name, affine)` for each linear layer that there is.
template <typename LayerType, typename Visitor>
void visit_linear(LayerType& layer, const std::string& prefix, const Visitor& visit) {
  visit_attention(layer.attention, prefix, visit);
  visit_feed_forward(layer.feed_forward, prefix, visit);
}

/// Calls `visit(name, tensor)` for each tensor under its Hugging Face name, in that order.
template <typename LayerType, typename Visitor>
void visit_layer(LayerType& layer, const std::string& prefix, const Visitor& visit) {
  const auto pair = [&](const std::string& name, auto& parameters) {
    visit(name + ".weight", parameters.weight);
    visit(name + ".bias", parameters.bias);
  };
  const auto linear = [&](const std::string& name, auto& parameters) {
    pair(name, parameters);
    if (parameters.factorised()) visit(name + kReductionSuffix, parameters.reduction);
  };
  visit_attention(layer.attention, prefix, linear);
  pair(prefix + "attention.output.LayerNorm", layer.attention_norm);
  visit_feed_forward(layer.feed_forward, prefix, linear);
  pair(prefix + "output.LayerNorm", layer.feed_forward_norm);
}

}  // namespace prumux::model

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

namespace prumux::model {

/// y = x W^T + b.
struct Affine {
  at::Tensor weight;  ///< [out, in].
  at::Tensor bias;    ///< [out].
};

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

/// Calls `visit(name, tensor)` for each tensor under its Hugging Face name, in that order.
template <typename LayerType, typename Visitor>
void visit_layer(LayerType& layer, const std::string& prefix, const Visitor& visit) {
  const auto pair = [&](const std::string& name, auto& parameters) {
    visit(prefix + name + ".weight", parameters.weight);
    visit(prefix + name + ".bias", parameters.bias);
  };
  if (layer.attention) {
    pair("attention.self.query", layer.attention->query);
    pair("attention.self.key", layer.attention->key);
    pair("attention.self.value", layer.attention->value);
    pair("attention.output.dense", layer.attention->output);
  }
  pair("attention.output.LayerNorm", layer.attention_norm);
  if (layer.feed_forward) {
    pair("intermediate.dense", layer.feed_forward->intermediate);
    pair("output.dense", layer.feed_forward->output);
  }
  pair("output.LayerNorm", layer.feed_forward_norm);
}

}  // namespace prumux::model

#include "core/model/layer.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/model/dropout.h"
#include "core/model/residual_norm.h"

namespace prumux::model {
namespace {

at::Tensor split_heads(const at::Tensor& x, std::int64_t head_size) {
  return x.view({x.size(0), x.size(1), -1, head_size}).transpose(1, 2);
}

/// Softmax(Q K^T / sqrt(dh) + bias) V, heads joined again: [B, Q, h*dh].
at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  const LayerContext& context) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(context.head_size));
  const at::Tensor q = split_heads(query, context.head_size);
  const at::Tensor k = split_heads(key, context.head_size);
  const at::Tensor v = split_heads(value, context.head_size);
  at::Tensor result;
  if (context.attention_dropout == 0.0) {
    const std::optional<at::Tensor> bias =
        context.attention_bias.defined() ? std::optional(context.attention_bias) : std::nullopt;
    result = at::scaled_dot_product_attention(q, k, v, bias, 0.0, false, scale);
  } else {
    at::Tensor scores = at::matmul(q * scale, k.transpose(-1, -2));
    if (context.attention_bias.defined()) scores = scores + context.attention_bias;
    const at::Tensor probabilities = dropout(at::softmax(scores, -1), context.attention_dropout);
    result = at::matmul(probabilities, v);
  }
  return result.transpose(1, 2).reshape({query.size(0), query.size(1), query.size(2)});
}

/// The first positions of each row.
at::Tensor leading(const at::Tensor& x, std::int64_t positions) {
  return positions == x.size(1) ? x : x.slice(1, 0, positions);
}

at::Tensor attention_output(const at::Tensor& x, const at::Tensor& queries,
                            const AttentionBlock& block, const LayerContext& context) {
  if (block.query.weight.size(0) == 0) return block.output.bias;
  const at::Tensor joined =
      attend(affine(queries, block.query), affine(x, block.key), affine(x, block.value), context);
  return affine(joined, block.output);
}

at::Tensor feed_forward_output(const at::Tensor& x, const FeedForwardBlock& block) {
  if (block.intermediate.weight.size(0) == 0) return block.output.bias;
  return affine(at::gelu(affine(x, block.intermediate)), block.output);
}

}  // namespace

at::Tensor attention_bias(const at::Tensor& attention_mask) {
  if (!attention_mask.defined() || attention_mask.ne(0).all().item<bool>()) return {};
  return attention_mask.eq(0).to(at::kFloat).mul(kMaskedScore).unsqueeze(1).unsqueeze(1);
}

at::Tensor affine(const at::Tensor& x, const Affine& parameters) {
  return at::linear(parameters.factorised() ? at::linear(x, parameters.reduction) : x,
                    parameters.weight, parameters.bias);
}

Affine factorise(const Affine& parameters, std::int64_t rank) {
  const auto [left, values, right] =
      at::linalg_svd(parameters.weight.detach().to(at::kDouble), false);
  const at::Tensor roots = values.narrow(0, 0, rank).sqrt();
  const auto factor = [](const at::Tensor& x) { return x.to(at::kFloat).contiguous(); };
  return {factor(left.narrow(1, 0, rank) * roots), parameters.bias,
          factor(roots.unsqueeze(1) * right.narrow(0, 0, rank))};
}

at::Tensor layer_norm(const at::Tensor& x, const Norm& parameters, double eps) {
  return at::layer_norm(x, {x.size(-1)}, parameters.weight, parameters.bias, eps);
}

at::Tensor forward_layer(const at::Tensor& x, const Layer& layer, const LayerContext& context,
                         std::int64_t query_positions) {
  at::Tensor result = leading(x, query_positions);
  if (layer.attention) {
    result =
        add_and_normalise(result, attention_output(x, result, *layer.attention, context),
                          layer.attention_norm, context.layer_norm_eps, context.hidden_dropout);
  }
  if (layer.feed_forward) {
    result =
        add_and_normalise(result, feed_forward_output(result, *layer.feed_forward),
                          layer.feed_forward_norm, context.layer_norm_eps, context.hidden_dropout);
  }
  return result;
}

}  // namespace prumux::model

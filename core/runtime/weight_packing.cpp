#include "core/runtime/weight_packing.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

namespace prumux::runtime {

using kernels::MatrixRows;
using kernels::NumberFormat;
using kernels::PackedMatrix;

namespace {

/// Intermediate units that are computed before the next product reads them from the cache.
constexpr std::int64_t kFeedForwardBlock = 768;

std::optional<PackedMatrix> pack_reduction(const model::Affine& linear, NumberFormat format) {
  if (!linear.factorised()) return std::nullopt;
  return pack({{linear.reduction, {}}}, format);
}

LinearWeights pack_linear(const model::Affine& linear, NumberFormat format) {
  return {pack_reduction(linear, format), pack({linear}, format)};
}

/// In one product where neither is factorised.
std::vector<LinearWeights> pack_keys_values(const model::AttentionBlock& block,
                                            NumberFormat format) {
  std::vector<LinearWeights> packed;
  if (block.key.factorised() || block.value.factorised()) {
    packed.push_back(pack_linear(block.key, format));
    packed.push_back(pack_linear(block.value, format));
  } else {
    packed.push_back({std::nullopt, pack({block.key, block.value}, format)});
  }
  return packed;
}

FeedForwardWeights pack_feed_forward(const model::FeedForwardBlock& block, NumberFormat format) {
  const model::Affine& inner = block.intermediate;
  const model::Affine& outer = block.output;
  const std::int64_t units = inner.weight.size(0);
  const at::Tensor first_bias = outer.factorised() ? at::Tensor() : outer.bias;
  FeedForwardWeights packed;
  packed.reduction = pack_reduction(inner, format);
  std::int64_t begin = 0;
  do {
    const std::int64_t count = std::min(kFeedForwardBlock, units - begin);
    const model::Affine rows{inner.weight.narrow(0, begin, count),
                             inner.bias.narrow(0, begin, count)};
    const model::Affine columns{outer.input_weight().narrow(1, begin, count),
                                begin == 0 ? first_bias : at::Tensor()};
    packed.blocks.push_back({pack({rows}, format), pack({columns}, format)});
    begin += count;
  } while (begin < units);
  if (outer.factorised()) packed.expansion = pack({outer}, format);
  return packed;
}

}  // namespace

Values::Values(const at::Tensor& tensor)
    : tensor_(tensor.detach().to(at::kCPU, at::kFloat).contiguous()) {}

const float* Values::data() const { return tensor_.data_ptr<float>(); }

std::size_t size_of(const at::Tensor& tensor, std::int64_t dimension) {
  return static_cast<std::size_t>(tensor.size(dimension));
}

PackedMatrix pack(const std::vector<model::Affine>& parts, NumberFormat format) {
  std::vector<Values> values;
  std::vector<MatrixRows> rows;
  for (const model::Affine& part : parts) {
    const float* weight = values.emplace_back(part.weight).data();
    const float* bias = part.bias.defined() ? values.emplace_back(part.bias).data() : nullptr;
    rows.push_back({weight, bias, size_of(part.weight, 0), size_of(part.weight, 1)});
  }
  return {rows, size_of(parts.front().weight, 1), format};
}

Norm norm_of(const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  return {Values(weight).vector(), Values(bias).vector(), static_cast<float>(epsilon)};
}

LayerWeights pack_layer(const model::Layer& layer, std::size_t head_size, double epsilon,
                        NumberFormat format) {
  LayerWeights packed;
  if (layer.attention) {
    const model::AttentionBlock& block = *layer.attention;
    packed.attention = AttentionWeights{
        size_of(block.query.weight, 0) / head_size, pack_linear(block.query, format),
        pack_keys_values(block, format), pack_linear(block.output, format)};
  }
  if (layer.feed_forward) packed.feed_forward = pack_feed_forward(*layer.feed_forward, format);
  packed.attention_norm = norm_of(layer.attention_norm.weight, layer.attention_norm.bias, epsilon);
  packed.feed_forward_norm =
      norm_of(layer.feed_forward_norm.weight, layer.feed_forward_norm.bias, epsilon);
  return packed;
}

}  // namespace prumux::runtime

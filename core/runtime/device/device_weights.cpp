#include "core/runtime/device/device_weights.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include "core/model/classification_head.h"
#include "core/model/encoder.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

/// The one matrix that a factorised one computes with; on a device, fewer products count for more.
model::Affine whole(const model::Affine& linear) {
  if (!linear.factorised()) return linear;
  return {linear.weight.detach().matmul(linear.reduction.detach()), linear.bias};
}

/// Copies tensors to the device, in the type asked for.
class Placement {
 public:
  Placement(at::Device device, at::ScalarType type) : device_(device), type_(type) {}

  at::Tensor operator()(const at::Tensor& tensor) const { return place(tensor, type_); }
  at::Tensor small(const at::Tensor& tensor) const { return place(tensor, at::kFloat); }
  at::Tensor index(const at::Tensor& tensor) const { return place(tensor, at::kLong); }

  model::Affine operator()(const model::Affine& affine) const {
    return {(*this)(affine.weight), (*this)(affine.bias)};
  }
  model::Norm operator()(const model::Norm& norm) const {
    return {(*this)(norm.weight), (*this)(norm.bias)};
  }
  model::Norm small(const model::Norm& norm) const {
    return {small(norm.weight), small(norm.bias)};
  }

 private:
  at::Tensor place(const at::Tensor& tensor, at::ScalarType type) const {
    if (!tensor.defined()) return {};
    return tensor.detach().to(device_, type, /*non_blocking=*/false, /*copy=*/true).contiguous();
  }

  at::Device device_;
  at::ScalarType type_;
};

/// Columns of a GPU's widest access, of the narrowest type.
constexpr std::int64_t kVector = 8;

std::int64_t whole_vectors(std::int64_t columns) {
  return (columns + kVector - 1) / kVector * kVector;
}

/// With zeros behind its rows and columns.
at::Tensor pad(const at::Tensor& matrix, std::int64_t rows, std::int64_t columns) {
  return at::constant_pad_nd(matrix, {0, columns - matrix.size(1), 0, rows - matrix.size(0)});
}

model::Affine pad(const model::Affine& linear, std::int64_t outputs, std::int64_t inputs) {
  return {pad(linear.weight, outputs, inputs),
          at::constant_pad_nd(linear.bias, {0, outputs - linear.bias.size(0)})};
}

model::Norm pad(const model::Norm& norm, std::int64_t columns) {
  const std::int64_t missing = columns - norm.weight.size(0);
  return {at::constant_pad_nd(norm.weight, {0, missing}),
          at::constant_pad_nd(norm.bias, {0, missing})};
}

DeviceLayer place_layer(const model::Layer& layer, std::int64_t stride, const Placement& place) {
  DeviceLayer placed;
  if (layer.attention) {
    const model::AttentionBlock& block = *layer.attention;
    const model::Affine query = whole(block.query);
    const model::Affine key = whole(block.key);
    const model::Affine value = whole(block.value);
    const model::Affine projection = {at::cat({query.weight, key.weight, value.weight}),
                                      at::cat({query.bias, key.bias, value.bias})};
    const model::Affine output = whole(block.output);
    placed.attention = DeviceAttention{place(pad(projection, projection.weight.size(0), stride)),
                                       place(pad(output, stride, output.weight.size(1)))};
  }
  placed.attention_norm = place.small(pad(layer.attention_norm, stride));
  if (layer.feed_forward) {
    const model::Affine intermediate = whole(layer.feed_forward->intermediate);
    const std::int64_t units = whole_vectors(intermediate.weight.size(0));
    placed.feed_forward =
        model::FeedForwardBlock{place(pad(intermediate, units, stride)),
                                place(pad(whole(layer.feed_forward->output), stride, units))};
  }
  placed.feed_forward_norm = place.small(pad(layer.feed_forward_norm, stride));
  return placed;
}

DeviceMixing place_mixing(const model::Encoder& encoder, const MixForm& mix,
                          const Placement& place) {
  const model::EmbeddingTables& first = encoder.embeddings();
  const auto& second = encoder.second_pass();
  const at::Tensor& position = second ? second->position : first.position;
  const std::int64_t usable = position.size(0) - model::first_position(encoder.config());
  DeviceMixing mixing;
  mixing.token_type = place.small(first.token_type[0]);
  mixing.first_norm = place.small(first.norm);
  const at::Tensor factors = mix.kept.defined()
                                 ? at::zeros({mix.factors.size(0), first.word.size(1)})
                                       .index_copy(1, mix.kept, mix.factors.detach().to(at::kFloat))
                                 : mix.factors;
  mixing.factors = place.small(factors);
  mixing.kept = place.index(mix.kept);
  mixing.second_offsets = place.small(model::second_pass_offsets(
      position, second ? second->token_type : first.token_type, encoder.config(), usable));
  mixing.second_norm = place.small(second ? second->norm : first.norm);
  return mixing;
}

/// The last dimension with zeros behind it.
at::Tensor pad_inputs(const at::Tensor& weight, std::int64_t stride) {
  return weight.defined() ? at::constant_pad_nd(weight, {0, stride - weight.size(-1)}) : weight;
}

InferenceForm place_form(const InferenceForm& form, std::int64_t stride, const Placement& place) {
  InferenceForm placed = form;
  placed.tokens.prefix = place.index(form.tokens.prefix);
  SeparationForm& separation = *placed.separation;
  separation.token_weight = place(pad_inputs(separation.token_weight, stride));
  separation.key_weight = place(pad_inputs(separation.key_weight, stride));
  separation.offsets = place.small(separation.offsets);
  separation.norm.weight = place.small(separation.norm.weight);
  separation.norm.bias = place.small(separation.norm.bias);
  for (DenseForm& layer : separation.layers) {
    layer.weight = place(layer.weight);
    layer.bias = place(layer.bias);
    layer.norm.weight = place(layer.norm.weight);
    layer.norm.bias = place(layer.norm.bias);
  }
  return placed;
}

InferenceForm require_form(const model::Model& model) {
  const std::optional<InferenceForm> form = model.multiplexer()->inference_form();
  if (form && form->mix && form->separation && form->mix->factors.dim() == 2) return *form;
  throw ConfigError(fmt::format(
      "the multiplexer '{}' describes itself in no closed form that a GPU can run (vectors of the "
      "instances, and a separation); run the model on the CPU",
      model.config().multiplexer->method));
}

}  // namespace

DeviceWeights DeviceWeights::of(const model::Model& model, at::Device device, at::ScalarType type) {
  if (model.plugin_head()) {
    throw ConfigError(
        "the head of this model is code of a plugin, which runs on the CPU only; leave --device "
        "out");
  }
  const at::NoGradGuard no_gradient;
  const Placement place(device, type);
  const model::Encoder& encoder = *model.encoder();
  DeviceWeights weights;
  weights.config = model.config();
  const model::EmbeddingTables& tables = encoder.embeddings();
  weights.embeddings = {place(tables.word), place(tables.position), place(tables.token_type),
                        place(tables.norm), std::nullopt};
  if (tables.projection) weights.embeddings.projection = place(*tables.projection);
  weights.columns = encoder.width();
  weights.stride = whole_vectors(weights.columns);
  for (const model::Layer& layer : encoder.layers()) {
    weights.layers.push_back(place_layer(layer, weights.stride, place));
  }
  if (weights.config.wants_pooler()) weights.pooler = place(*encoder.pooler());
  const NamedTensors head = model.classifier()->named_tensors();
  for (std::size_t index = 0; index + 1 < head.size(); index += 2) {
    weights.classifier.push_back({place(head[index].second), place(head[index + 1].second)});
  }
  if (model.multiplexer()) {
    const InferenceForm form = require_form(model);
    weights.form = place_form(form, weights.stride, place);
    weights.read_positions = model.multiplexer()->classification_position() + 1;
    weights.mixing = place_mixing(encoder, *form.mix, place);
  }
  return weights;
}

}  // namespace prumux::runtime

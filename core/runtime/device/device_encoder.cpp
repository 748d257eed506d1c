#include "core/runtime/device/device_encoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "core/runtime/device/views.h"

namespace prumux::runtime {
namespace {

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::gelu:
      return at::gelu(x);
    case Activation::tanh:
      return at::tanh(x);
    case Activation::relu:
      return at::relu(x);
  }
  return x;
}

/// x [..., N, in] -> [..., N, out].
at::Tensor apply_dense(const at::Tensor& x, const DenseForm& dense) {
  at::Tensor y = activate(at::linear(x, dense.weight, dense.bias), dense.activation);
  if (dense.norm.weight.defined()) {
    y = at::layer_norm(y, {y.size(-1)}, {}, {}, dense.norm.epsilon) * dense.norm.weight +
        dense.norm.bias;
  }
  return dense.residual ? y + x : y;
}

/// On the GPU gelu is the one with tanh, fused into the product: what it differs by is less than
/// what numbers of 16 bits resolve.
at::Tensor affine_gelu(const at::Tensor& x, const model::Affine& linear) {
  if (!x.is_cuda() || x.scalar_type() == at::kFloat) return at::gelu(model::affine(x, linear));
  return at::_addmm_activation(linear.bias, x.flatten(0, -2), linear.weight.t(), 1, 1,
                               /*use_gelu=*/true)
      .unflatten(0, x.sizes().slice(0, x.dim() - 1));
}

}  // namespace

DeviceEncoder::DeviceEncoder(const model::Model& model, at::Device device, at::ScalarType type,
                             std::shared_ptr<const RowKernels> kernels)
    : weights_(DeviceWeights::of(model, device, type)),
      device_(device),
      type_(type),
      kernels_(std::move(kernels)) {
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) {
    if (weights_.layers[index].attention) last_reader_ = index;
  }
}

std::int64_t DeviceEncoder::prefix_length() const {
  return weights_.form && weights_.form->tokens.prefix.defined()
             ? weights_.form->tokens.prefix.size(1)
             : 0;
}

std::int64_t DeviceEncoder::read_positions() const {
  return weights_.config.head == model::HeadKind::sequence ? weights_.read_positions : 0;
}

DeviceRows DeviceEncoder::edit(const DeviceRows& rows) const {
  const TokenEditForm& edit = weights_.form->tokens;
  DeviceRows edited{rows.input_ids, rows.attention_mask, {}};
  if (edit.prefix.defined()) {
    const at::Tensor prefix =
        edit.prefix.repeat({rows.input_ids.size(0) / weights_.config.num_instances(), 1});
    edited.input_ids = at::cat({prefix, rows.input_ids}, 1);
    if (rows.attention_mask.defined()) {
      edited.attention_mask = at::cat({at::ones_like(prefix), rows.attention_mask}, 1);
    }
  }
  if (edit.first_token) {
    if (!edit.prefix.defined()) edited.input_ids = rows.input_ids.clone();
    edited.input_ids.select(1, 0).fill_(*edit.first_token);
  }
  return edited;
}

at::Tensor DeviceEncoder::embed(const DeviceRows& rows) const {
  const model::EmbeddingTables& tables = weights_.embeddings;
  const at::Tensor types = rows.token_type_ids.defined()
                               ? at::embedding(tables.token_type, rows.token_type_ids)
                               : tables.token_type[0];
  const at::Tensor positions = model::embedding_positions(weights_.config.encoder, rows.input_ids);
  const at::Tensor sum = at::embedding(tables.word, rows.input_ids) +
                         at::embedding(tables.position, positions) + types;
  const at::Tensor embedded =
      model::layer_norm(sum, tables.norm, weights_.config.encoder.layer_norm_eps);
  const at::Tensor projected =
      tables.projection ? model::affine(embedded, *tables.projection) : embedded;
  return at::constant_pad_nd(projected, {0, weights_.stride - weights_.columns});
}

at::Tensor DeviceEncoder::mix(const DeviceRows& rows) const {
  const DeviceMixing& mixing = *weights_.mixing;
  const MixForm& form = *weights_.form->mix;
  const double epsilon = weights_.config.encoder.layer_norm_eps;
  const std::int64_t instances = weights_.config.num_instances();
  const at::Tensor positions = model::embedding_positions(weights_.config.encoder, rows.input_ids);
  const bool masked = rows.attention_mask.defined() &&
                      weights_.config.multiplexer->padding == PaddingSemantics::masked;
  const at::Tensor counted = masked ? rows.attention_mask.to(at::kByte).contiguous() : at::Tensor();

  MixView view;
  view.groups = rows.input_ids.size(0) / instances;
  view.instances = instances;
  view.length = rows.input_ids.size(1);
  view.columns = mixing.token_type.size(0);
  view.mixed_columns = mixing.second_norm.weight.size(0);
  view.input_ids = rows.input_ids.const_data_ptr<std::int64_t>();
  view.positions = positions.const_data_ptr<std::int64_t>();
  view.counted = masked ? counted.const_data_ptr<std::uint8_t>() : nullptr;
  view.word = weights_.embeddings.word.const_data_ptr();
  view.position = weights_.embeddings.position.const_data_ptr();
  view.token_type = mixing.token_type.const_data_ptr<float>();
  view.first_norm = norm_view(mixing.first_norm, epsilon);
  view.factors = mixing.factors.const_data_ptr<float>();
  view.kept = mixing.kept.defined() ? mixing.kept.const_data_ptr<std::int64_t>() : nullptr;
  view.normalisation = static_cast<float>(form.normalisation);
  view.second_offsets = mixing.second_offsets.const_data_ptr<float>();
  view.second_norm = norm_view(mixing.second_norm, epsilon);
  view.storage = storage_of(type_);
  view.stride = weights_.stride;
  at::Tensor mixed =
      at::empty({view.groups, view.length, view.stride}, at::TensorOptions(type_).device(device_));
  view.mixed = mixed.mutable_data_ptr();
  kernels_->mix(view);
  return mixed;
}

at::Tensor DeviceEncoder::attention_bias(const DeviceRows& rows) const {
  at::Tensor mask = rows.attention_mask;
  if (!mask.defined()) return {};
  if (weights_.form) {
    if (weights_.config.multiplexer->padding == PaddingSemantics::attended) return {};
    mask = mask.view({-1, weights_.config.num_instances(), mask.size(1)}).amax(1);
  }
  return mask.eq(0).to(type_).mul(model::kMaskedScore).unsqueeze(1).unsqueeze(1);
}

at::Tensor DeviceEncoder::attend(const at::Tensor& x, const at::Tensor& queries,
                                 const DeviceAttention& block, const at::Tensor& bias) const {
  const std::int64_t width = block.projection.weight.size(0) / 3;
  if (width == 0) return block.output.bias;
  const std::int64_t head_size = weights_.config.encoder.head_size();
  const auto project = [&](const at::Tensor& input, std::int64_t first, std::int64_t count) {
    return at::linear(input, block.projection.weight.narrow(0, first * width, count * width),
                      block.projection.bias.narrow(0, first * width, count * width))
        .view({input.size(0), input.size(1), count, -1, head_size})
        .permute({2, 0, 3, 1, 4});
  };
  at::Tensor q;
  at::Tensor key_value;
  if (queries.size(1) == x.size(1)) {
    const at::Tensor all = project(x, 0, 3);
    q = all[0];
    key_value = all.slice(0, 1);
  } else {
    q = project(queries, 0, 1)[0];
    key_value = project(x, 1, 2);
  }
  const auto mask = bias.defined() ? std::optional(bias) : std::nullopt;
  const at::Tensor read =
      at::scaled_dot_product_attention(q, key_value[0], key_value[1], mask, 0.0, false,
                                       1.0 / std::sqrt(static_cast<double>(head_size)));
  return model::affine(read.transpose(1, 2).flatten(2), block.output);
}

at::Tensor DeviceEncoder::feed_forward(const at::Tensor& x,
                                       const model::FeedForwardBlock& block) const {
  if (block.intermediate.weight.size(0) == 0) return block.output.bias;
  return model::affine(affine_gelu(x, block.intermediate), block.output);
}

at::Tensor DeviceEncoder::add_and_normalise(const at::Tensor& residual, const at::Tensor& update,
                                            const model::Norm& norm) const {
  const at::Tensor from = residual.contiguous();
  const at::Tensor added = update.expand_as(from).contiguous();
  at::Tensor result = at::empty_like(from);
  AdditionView view;
  view.columns = weights_.columns;
  view.stride = weights_.stride;
  view.rows = from.numel() / std::max<std::int64_t>(view.stride, 1);
  view.residual = from.const_data_ptr();
  view.update = added.const_data_ptr();
  view.norm = norm_view(norm, weights_.config.encoder.layer_norm_eps);
  view.result = result.mutable_data_ptr();
  view.storage = storage_of(type_);
  kernels_->add(view);
  return result;
}

at::Tensor DeviceEncoder::run_layers(const at::Tensor& embedded, const at::Tensor& bias) const {
  at::Tensor x = embedded;
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) {
    const DeviceLayer& layer = weights_.layers[index];
    const bool shorten = read_positions() > 0 && index >= last_reader_;
    at::Tensor result = shorten ? x.slice(1, 0, std::min(read_positions(), x.size(1))) : x;
    if (layer.attention) {
      result = add_and_normalise(result, attend(x, result, *layer.attention, bias),
                                 layer.attention_norm);
    }
    if (layer.feed_forward) {
      result = add_and_normalise(result, feed_forward(result, *layer.feed_forward),
                                 layer.feed_forward_norm);
    }
    x = result;
  }
  return x;
}

at::Tensor DeviceEncoder::separate(const at::Tensor& hidden) const {
  const SeparationForm& form = *weights_.form->separation;
  const std::int64_t instances = weights_.config.num_instances();
  const at::Tensor read =
      hidden.slice(1, read_positions() > 0 ? read_positions() - 1 : prefix_length());
  const std::int64_t positions = read.size(1);
  const at::Tensor flat = read.flatten(0, 1);

  SeparationView view;
  view.groups = flat.size(0);
  view.instances = instances;
  view.columns = form.offsets.size(1);
  view.token_each = form.token_weight.dim() == 3;
  const at::Tensor token = view.token_each ? at::matmul(flat.unsqueeze(1).unsqueeze(1),
                                                        form.token_weight.transpose(1, 2))
                                                 .contiguous()
                                           : at::linear(flat, form.token_weight);
  view.token = token.const_data_ptr();
  at::Tensor key;
  if (form.key_weight.defined()) {
    key = at::linear(hidden.slice(1, 0, instances), form.key_weight)
              .unsqueeze(1)
              .expand({-1, positions, -1, -1})
              .contiguous();
    view.key = key.const_data_ptr();
  }
  view.offsets = form.offsets.const_data_ptr<float>();
  view.activation = static_cast<int>(form.activation);
  if (form.norm.weight.defined()) {
    view.norm = norm_view({form.norm.weight, form.norm.bias}, form.norm.epsilon);
    view.norm_each = form.norm.weight.dim() == 2;
  }
  view.storage = storage_of(type_);
  at::Tensor features =
      at::empty({view.groups, instances, view.columns}, at::TensorOptions(type_).device(device_));
  view.separated = features.mutable_data_ptr();
  kernels_->separate(view);
  for (const DenseForm& layer : form.layers) features = apply_dense(features, layer);
  return features.view({hidden.size(0), positions, instances, -1}).transpose(1, 2).flatten(0, 1);
}

at::Tensor DeviceEncoder::classify(const at::Tensor& features) const {
  at::Tensor x = features;
  if (weights_.classifier.size() == 2) {
    x = model::affine(x, weights_.classifier.front());
    x = weights_.config.encoder.model_type == "roberta" ? at::tanh(x) : at::gelu(x);
  }
  return model::affine(x, weights_.classifier.back());
}

at::Tensor DeviceEncoder::compute(const DeviceRows& rows) const {
  const c10::InferenceMode inference;
  const DeviceRows edited = weights_.form ? edit(rows) : rows;
  const at::Tensor hidden =
      run_layers(weights_.form ? mix(edited) : embed(edited), attention_bias(edited));
  at::Tensor features = weights_.form ? separate(hidden) : hidden.narrow(2, 0, weights_.columns);
  if (weights_.config.head == model::HeadKind::sequence) {
    features = features.select(1, 0);
    if (weights_.pooler) features = at::tanh(model::affine(features, *weights_.pooler));
  }
  const at::Tensor logits = classify(features).to(at::kFloat);
  return weights_.config.head == model::HeadKind::discriminator ? logits.squeeze(2) : logits;
}

at::Tensor DeviceEncoder::logits(const model::ModelInputs& inputs) const {
  const c10::InferenceMode inference;
  model::check_tokens(weights_.embeddings, weights_.config.encoder, inputs.input_ids,
                      inputs.token_type_ids, inputs.input_ids.size(1) + prefix_length());
  const std::int64_t rows = inputs.input_ids.size(0);
  const std::int64_t instances = weights_.config.num_instances();
  const at::Tensor index =
      at::arange((rows + instances - 1) / instances * instances).remainder(rows);
  const auto place = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.index_select(0, index).to(device_) : tensor;
  };
  const at::Tensor mask = inputs.attention_mask;
  const bool padded = mask.defined() && !mask.ne(0).all().item<bool>();
  return compute({place(inputs.input_ids), padded ? place(mask) : at::Tensor(),
                  place(inputs.token_type_ids)})
      .slice(0, 0, rows)
      .to(at::kCPU);
}

}  // namespace prumux::runtime

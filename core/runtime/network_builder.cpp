#include "core/runtime/network_builder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/model/embeddings.h"
#include "core/model/encoder.h"
#include "core/runtime/weight_packing.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

using kernels::NumberFormat;

HeadActivation activation_of(Activation activation) {
  switch (activation) {
    case Activation::gelu:
      return HeadActivation::gelu;
    case Activation::tanh:
      return HeadActivation::tanh;
    case Activation::relu:
      return HeadActivation::relu;
    default:
      return HeadActivation::identity;
  }
}

class Builder {
 public:
  Builder(const model::Model& model, NumberFormat format)
      : model_(model), encoder_(*model.encoder()), config_(model.config().encoder) {
    if (model.multiplexer()) form_ = model.multiplexer()->inference_form();
    network_.width = static_cast<std::size_t>(encoder_.width());
    network_.head_size = static_cast<std::size_t>(config_.head_size());
    network_.format = format;
    network_.mixing.instances = static_cast<std::size_t>(model.num_instances());
    network_.labels = static_cast<std::size_t>(model.config().num_labels);
  }

  Network outline() {
    build_front();
    return std::move(network_);
  }

  Network encoder() {
    build_front();
    build_layers();
    return std::move(network_);
  }

  Network build() {
    build_front();
    build_layers();
    build_separation();
    build_head();
    return std::move(network_);
  }

 private:
  void build_front() {
    build_embedding();
    if (model_.multiplexer()) build_mixing();
  }

  void build_layers() {
    for (const model::Layer& layer : encoder_.layers()) {
      network_.layers.push_back(
          pack_layer(layer, network_.head_size, config_.layer_norm_eps, network_.format));
    }
  }

  void build_embedding() {
    const model::EmbeddingTables& tables = encoder_.embeddings();
    EmbeddingWeights& to = network_.embedding;
    to.width = size_of(tables.word, 1);
    to.offset_stride = (to.width + 15) / 16 * 16;
    to.vocabulary = size_of(tables.word, 0);
    to.words = tables.word.data_ptr<float>();
    if (!kernels::is_float32(network_.format)) round_words();
    to.positions = size_of(tables.position, 0);
    to.types = size_of(tables.token_type, 0);
    to.epsilon = static_cast<float>(config_.layer_norm_eps);
    to.counts_tokens = model::first_position(config_) > 0;
    to.padding_id = config_.pad_token_id;
    to.offsets.reserve(to.types * to.positions * to.offset_stride);
    const at::Tensor offsets =
        tables.token_type.detach().unsqueeze(1) + tables.position.detach().unsqueeze(0);
    copy_rows(offsets.flatten(0, 1), to.offsets, to.offset_stride);

    at::Tensor gains = tables.norm.weight.detach().unsqueeze(0);
    at::Tensor shifts = tables.norm.bias.detach().unsqueeze(0);
    if (form_ && form_->mix && form_->mix->factors.dim() == 2) {
      const at::Tensor factors = full_factors(*form_->mix);
      gains = gains * factors;
      shifts = shifts * factors;
    }
    to.gains.reserve(size_of(gains, 0) * to.offset_stride);
    to.shifts.reserve(size_of(gains, 0) * to.offset_stride);
    copy_rows(gains, to.gains, to.offset_stride);
    copy_rows(shifts, to.shifts, to.offset_stride);
    to.all_shifts.reserve(to.offset_stride);
    copy_rows(shifts.sum(0, true), to.all_shifts, to.offset_stride);
    if (tables.projection) network_.mixing.projection = pack({*tables.projection}, network_.format);
  }

  void round_words() {
    EmbeddingWeights& to = network_.embedding;
    const std::size_t count = to.vocabulary * to.width;
    std::transform(to.words, to.words + count, to.bfloat16_words.reserve(count),
                   kernels::to_bfloat16);
  }

  static void copy_rows(const at::Tensor& rows, kernels::AlignedBuffer<float>& to,
                        std::size_t stride) {
    const Values values(rows);
    const std::size_t width = size_of(rows, 1);
    for (std::size_t row = 0; row < size_of(rows, 0); ++row) {
      std::copy_n(values.data() + row * width, width, to.data() + row * stride);
    }
  }

  /// v [N, e], zero in columns that are not kept.
  at::Tensor full_factors(const MixForm& form) const {
    const at::Tensor factors = form.factors.detach().to(at::kFloat);
    if (!form.kept.defined()) return factors;
    return at::zeros({factors.size(0), encoder_.embeddings().word.size(1)})
        .index_copy_(1, form.kept, factors);
  }

  void build_mixing() {
    MixingWeights& to = network_.mixing;
    to.pads_are_tokens = model_.multiplexer()->padding() == PaddingSemantics::attended;
    const auto& own = encoder_.second_pass();
    const model::EmbeddingTables& first = encoder_.embeddings();
    const at::Tensor& positions = own ? own->position : first.position;
    const std::int64_t begin = model::first_position(config_);
    const at::Tensor offsets = model::second_pass_offsets(
        positions, own ? own->token_type : first.token_type, config_, positions.size(0) - begin);
    to.second_offsets.reserve(static_cast<std::size_t>(offsets.numel()));
    copy_rows(offsets, to.second_offsets, network_.width);
    const model::Norm& norm = own ? own->norm : first.norm;
    to.second_norm = norm_of(norm.weight, norm.bias, config_.layer_norm_eps);
    if (!form_) return;

    to.first_token = form_->tokens.first_token;
    if (form_->tokens.prefix.defined()) {
      const at::Tensor prefix = form_->tokens.prefix.to(at::kLong).contiguous();
      for (std::int64_t i = 0; i < prefix.size(0); ++i) {
        const std::int64_t* row = prefix[i].data_ptr<std::int64_t>();
        to.prefix.emplace_back(row, row + prefix.size(1));
      }
    }
    if (!form_->mix) return;
    to.normalisation = form_->mix->normalisation;
    if (form_->mix->kept.defined()) {
      const at::Tensor kept = form_->mix->kept.to(at::kLong).contiguous();
      const std::int64_t* columns = kept.data_ptr<std::int64_t>();
      to.kept.assign(columns, columns + kept.numel());
    }
    if (form_->mix->factors.dim() == 3) {
      // [N, d', e] -> [d', N * e]
      to.matrix =
          pack({{form_->mix->factors.detach().transpose(0, 1).flatten(1), {}}}, network_.format);
    }
  }

  void build_separation() {
    if (!model_.multiplexer()) {
      network_.read_positions = {0};
      return;
    }
    const auto position = static_cast<std::size_t>(model_.multiplexer()->classification_position());
    if (!form_ || !form_->separation) {
      for (std::size_t p = 0; p <= position; ++p) network_.read_positions.push_back(p);
      return;
    }
    const SeparationForm& from = *form_->separation;
    if (from.key_weight.defined()) {
      for (std::size_t i = 0; i < network_.mixing.instances; ++i) {
        network_.read_positions.push_back(i);
      }
    }
    network_.read_positions.push_back(position);

    SeparationWeights& to = network_.separation.emplace();
    const bool own_weights = from.token_weight.dim() == 3;
    const at::Tensor weights = own_weights ? from.token_weight : from.token_weight.unsqueeze(0);
    for (const at::Tensor& weight : weights.unbind(0)) {
      to.token.push_back(pack({{weight, {}}}, network_.format));
    }
    to.width = to.token.front().rows();
    if (from.key_weight.defined()) to.key = pack({{from.key_weight, {}}}, network_.format);
    to.offsets = from.offsets.defined()
                     ? Values(from.offsets).vector()
                     : std::vector<float>(network_.mixing.instances * to.width, 0.0F);
    to.activation = activation_of(from.activation);
    if (from.norm.weight.defined()) {
      const at::Tensor rows = from.norm.weight.view({-1, from.norm.weight.size(-1)});
      const at::Tensor biases = from.norm.bias.view({-1, from.norm.bias.size(-1)});
      for (std::int64_t i = 0; i < rows.size(0); ++i) {
        to.norms.push_back(norm_of(rows[i], biases[i], from.norm.epsilon));
      }
    }
    for (const DenseForm& layer : from.layers) {
      DenseStep& step = network_.head.emplace_back();
      step.matrix = pack({{layer.weight, layer.bias}}, network_.format);
      step.activation = activation_of(layer.activation);
      step.residual = layer.residual;
      if (layer.norm.weight.defined()) {
        step.norm = norm_of(layer.norm.weight, layer.norm.bias, layer.norm.epsilon);
      }
    }
  }

  void build_head() {
    const auto add = [&](const model::Affine& parameters, HeadActivation activation,
                         NumberFormat format) {
      DenseStep& step = network_.head.emplace_back();
      step.matrix = pack({parameters}, format);
      step.activation = activation;
    };
    if (model_.config().wants_pooler()) {
      add(*encoder_.pooler(), HeadActivation::tanh, network_.format);
    }
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : model_.checkpoint_parameters()) tensors[name] = tensor;
    const auto layer = [&](const std::string& name) {
      return model::Affine{tensors.at(name + ".weight"), tensors.at(name + ".bias")};
    };
    // The last layer is next to nothing, and what a user sees comes out of it.
    if (tensors.contains("classifier.weight")) {
      add(layer("classifier"), HeadActivation::identity, NumberFormat::float32);
    } else {
      add(layer("classifier.dense"),
          config_.model_type == "roberta" ? HeadActivation::tanh : HeadActivation::gelu,
          network_.format);
      add(layer("classifier.out_proj"), HeadActivation::identity, NumberFormat::float32);
    }
  }

  const model::Model& model_;
  const model::Encoder& encoder_;
  const EncoderConfig& config_;
  std::optional<InferenceForm> form_;
  Network network_;
};

/// Throws `ConfigError` for a model that classifies tokens.
void check_head(const model::Model& model) {
  if (model.config().head != model::HeadKind::sequence) {
    throw ConfigError(
        "this model classifies tokens, but the inference engine classifies texts; 'prumux forward' "
        "runs it");
  }
}

}  // namespace

Network outline_network(const model::Model& model) {
  check_head(model);
  const at::NoGradGuard no_gradient;
  return Builder(model, NumberFormat::float32).outline();
}

Network build_network(const model::Model& model, NumberFormat format) {
  check_head(model);
  const at::NoGradGuard no_gradient;
  return Builder(model, format).build();
}

Network build_encoder_network(const model::Model& model, NumberFormat format) {
  const at::NoGradGuard no_gradient;
  return Builder(model, format).encoder();
}

bool mixes(const model::Model& model) {
  if (!model.multiplexer()) return true;
  const std::optional<InferenceForm> form = model.multiplexer()->inference_form();
  return form && form->mix;
}

}  // namespace prumux::runtime

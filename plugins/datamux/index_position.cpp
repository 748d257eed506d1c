#include "index_position.h"

#include "layers.h"
#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {
namespace {

std::string numbered(const char* name, std::size_t index) {
  return name + std::to_string(index + 1);
}

}  // namespace

struct IndexPosition::SharedLayers final : torch::nn::Module {
  SharedLayers(const EncoderConfig& encoder, std::int64_t num_instances, std::int64_t num_layers) {
    const std::int64_t width = encoder.hidden_size;
    keys = register_parameter("demux_instance_embedding", at::randn({num_instances, width}));
    for (std::int64_t i = 0; i < num_layers; ++i) {
      const std::int64_t inputs = i == 0 ? 2 * width : width;
      dense.push_back(register_module(numbered("dense_", dense.size()),
                                      make_linear(inputs, width, encoder.initializer_range)));
      layer_norms.push_back(register_module(numbered("layer_norm_", layer_norms.size()),
                                            make_layer_norm(width, encoder.layer_norm_eps)));
    }
  }

  at::Tensor keys;                       ///< [N, d]; [N, d'] in a reference-pruned model.
  std::vector<torch::nn::Linear> dense;  ///< The first: [d, key width + d'].
  std::vector<torch::nn::LayerNorm> layer_norms;
};

struct IndexPosition::Head final : torch::nn::Module {
  explicit Head(const EncoderConfig& encoder) {
    const std::int64_t width = encoder.hidden_size;
    pre_decoder =
        register_module("pre_decoder", make_linear(width, width, encoder.initializer_range));
    layer_norm =
        register_module("pre_decoder_layer_norm", make_layer_norm(width, encoder.layer_norm_eps));
  }

  at::Tensor forward(const at::Tensor& features) {
    return layer_norm(at::gelu(pre_decoder(features)));
  }

  void check(const std::string& name, std::int64_t width) const {
    check_linear(name + ".pre_decoder", pre_decoder, width, width);
    check_layer_norm(name + ".pre_decoder_layer_norm", layer_norm, width);
  }

  torch::nn::Linear pre_decoder = nullptr;
  torch::nn::LayerNorm layer_norm = nullptr;
};

IndexPosition::IndexPosition(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : num_instances_(arguments.num_instances),
      hidden_size_(arguments.encoder.hidden_size),
      encoder_width_(arguments.encoder.hidden_size),
      cls_token_id_(arguments.cls_token_id),
      dropout_(arguments.encoder.hidden_dropout_prob),
      legacy_(arguments.parameters.boolean("legacy_demuxing")) {
  const std::int64_t num_layers = arguments.parameters.integer("num_hidden_demux_layers");
  if (num_layers < 2) {
    throw ConfigError("datamux: num_hidden_demux_layers is " + std::to_string(num_layers) +
                      ", expected at least 2: reading words uses two layers");
  }
  const EncoderConfig& encoder = arguments.encoder;
  shared_ = root.register_module(
      "demux_module", std::make_shared<SharedLayers>(encoder, num_instances_, num_layers));
  task_head_ = root.register_module("demultiplexer", std::make_shared<Head>(encoder));
  vocabulary_head_ = root.register_module("retrieval_head", std::make_shared<Head>(encoder));
}

IndexPosition::~IndexPosition() = default;

TokenRows IndexPosition::edit_tokens(const TokenRows& rows) const {
  TokenRows edited = rows;
  edited.input_ids = rows.input_ids.clone();
  edited.input_ids.select(1, 0).fill_(cls_token_id_);
  return edited;
}

at::Tensor IndexPosition::instance_half() const {
  const torch::nn::Linear& first = shared_->dense.front();
  return at::linear(shared_->keys, first->weight.narrow(1, 0, shared_->keys.size(1)), first->bias);
}

at::Tensor IndexPosition::token_half(const at::Tensor& hidden) const {
  const at::Tensor& weight = shared_->dense.front()->weight;
  return at::linear(hidden, weight.narrow(1, shared_->keys.size(1), encoder_width_));
}

at::Tensor IndexPosition::with_dropout(const at::Tensor& activations) const {
  return at::dropout(activations, dropout_, shared_->is_training());
}

at::Tensor IndexPosition::separate(const at::Tensor& hidden, const at::Tensor& positions) {
  check_hidden(hidden, encoder_width_);
  check_indices("positions", positions, hidden.size(1));
  const at::Tensor tokens = token_half(hidden.index_select(1, positions)).unsqueeze(1);
  const at::Tensor instances = instance_half().view({1, num_instances_, 1, hidden_size_});
  at::Tensor features = at::gelu(tokens + instances);
  if (legacy_) {
    features = shared_->layer_norms.front()(features);
  } else {
    // Neither a LayerNorm here nor the last layer: released models were trained without them.
    features = with_dropout(features);
    for (std::size_t i = 1; i + 1 < shared_->dense.size(); ++i) {
      features = with_dropout(at::gelu(shared_->dense[i](features))) + features;
    }
  }
  return features + task_head_->forward(features);
}

at::Tensor IndexPosition::vocabulary_features(const at::Tensor& hidden,
                                              const TokenSelection& selection) {
  check_hidden(hidden, encoder_width_);
  check_selection(selection, hidden, num_instances_);
  const at::Tensor rows = selection.group * hidden.size(1) + selection.position;
  const at::Tensor tokens = token_half(hidden.flatten(0, 1).index_select(0, rows));
  at::Tensor features = at::gelu(tokens + instance_half().index_select(0, selection.instance));
  features = shared_->layer_norms[0](features);
  features = shared_->layer_norms[1](at::gelu(shared_->dense[1](features)));
  return vocabulary_head_->forward(features);
}

void IndexPosition::prune_hidden(const at::Tensor& kept) {
  at::Tensor& weight = shared_->dense.front()->weight;
  const std::int64_t key_width = shared_->keys.size(1);
  const at::Tensor columns = kept.to(weight.device()) + key_width;
  replace(weight, at::cat({weight.detach().narrow(1, 0, key_width),
                           weight.detach().index_select(1, columns)},
                          1));
  encoder_width_ = kept.numel();
}

void IndexPosition::adopt_loaded_shapes(std::int64_t encoder_width) {
  const at::Tensor& keys = shared_->keys;
  const bool pruned_keys =
      keys.dim() == 2 && keys.size(1) >= encoder_width && keys.size(1) < hidden_size_;
  const std::int64_t key_width = pruned_keys ? keys.size(1) : hidden_size_;
  check_shape("demux_module.demux_instance_embedding", keys, {num_instances_, key_width});
  for (std::size_t i = 0; i < shared_->dense.size(); ++i) {
    const std::int64_t inputs = i == 0 ? key_width + encoder_width : hidden_size_;
    check_linear("demux_module." + numbered("dense_", i), shared_->dense[i], inputs, hidden_size_);
    check_layer_norm("demux_module." + numbered("layer_norm_", i), shared_->layer_norms[i],
                     hidden_size_);
  }
  task_head_->check("demultiplexer", hidden_size_);
  vocabulary_head_->check("retrieval_head", hidden_size_);
  encoder_width_ = encoder_width;
}

std::vector<std::string> IndexPosition::aliases(const std::string& parameter) const {
  if (!parameter.starts_with("demux_module.")) {
    return {};
  }
  return {"demultiplexer." + parameter, "retrieval_head." + parameter};
}

}  // namespace prumux::datamux

#include "index_position.h"

#include "inference_forms.h"
#include "layers.h"
#include "prumux/error.h"
#include "special_tokens.h"
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

IndexPosition::IndexPosition(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : shape_(arguments),
      first_token_(first_token(arguments)),
      dropout_(arguments.encoder.hidden_dropout_prob),
      legacy_(arguments.parameters.boolean("legacy_demuxing")),
      is_electra_(arguments.encoder.model_type == "electra") {
  const std::int64_t num_layers = arguments.parameters.integer("num_hidden_demux_layers");
  if (num_layers < 2) {
    throw ConfigError("datamux: num_hidden_demux_layers is " + std::to_string(num_layers) +
                      ", expected at least 2: reading words uses two layers");
  }
  const EncoderConfig& encoder = arguments.encoder;
  shared_ = root.register_module(
      "demux_module", std::make_shared<SharedLayers>(encoder, shape_.num_instances, num_layers));
  const auto add_head = [&](const char* name) {
    return root.register_module(name,
                                std::make_shared<DenseNorm>("pre_decoder", "pre_decoder_layer_norm",
                                                            encoder.hidden_size, encoder));
  };
  task_head_ = add_head("demultiplexer");
  vocabulary_head_ = add_head("retrieval_head");
}

IndexPosition::~IndexPosition() = default;

TokenRows IndexPosition::edit_tokens(const TokenRows& rows) const {
  return with_first_token(rows, first_token_);
}

at::Tensor IndexPosition::instance_half() const {
  const torch::nn::Linear& first = shared_->dense.front();
  return at::linear(shared_->keys, first->weight.narrow(1, 0, shared_->keys.size(1)), first->bias);
}

at::Tensor IndexPosition::token_half(const at::Tensor& hidden) const {
  const at::Tensor& weight = shared_->dense.front()->weight;
  return at::linear(hidden, weight.narrow(1, shared_->keys.size(1), shape_.encoder_width));
}

InferenceForm IndexPosition::inference_form() const {
  const at::Tensor& weight = shared_->dense.front()->weight;
  SeparationForm separation;
  separation.token_weight = weight.detach().narrow(1, shared_->keys.size(1), shape_.encoder_width);
  separation.offsets = instance_half().detach();
  separation.activation = Activation::gelu;
  if (legacy_) {
    separation.norm = norm_form(shared_->layer_norms.front());
  } else {
    for (std::size_t i = 1; i + 1 < shared_->dense.size(); ++i) {
      separation.layers.push_back(gelu_form(shared_->dense[i], true));
    }
  }
  separation.layers.push_back(dense_norm_form(*task_head_, true));
  InferenceForm form;
  form.tokens.first_token = first_token_;
  form.separation = separation;
  return form;
}

at::Tensor IndexPosition::with_dropout(const at::Tensor& activations) const {
  return at::dropout(activations, dropout_, shared_->is_training());
}

at::Tensor IndexPosition::separate(const at::Tensor& hidden, const at::Tensor& positions) {
  shape_.check(hidden, positions);
  const at::Tensor tokens = token_half(hidden.index_select(1, positions)).unsqueeze(1);
  const at::Tensor instances =
      instance_half().view({1, shape_.num_instances, 1, shape_.hidden_size});
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
  shape_.check(hidden, selection);
  const at::Tensor rows = selection.group * hidden.size(1) + selection.position;
  const at::Tensor tokens = token_half(hidden.flatten(0, 1).index_select(0, rows));
  at::Tensor features = at::gelu(tokens + instance_half().index_select(0, selection.instance));
  features = shared_->layer_norms[0](features);
  if (!is_electra_) {
    features = shared_->layer_norms[1](at::gelu(shared_->dense[1](features)));
    return vocabulary_head_->forward(features);
  }
  for (std::size_t i = 1; i < shared_->dense.size(); ++i) {
    features = shared_->layer_norms[i](at::gelu(shared_->dense[i](features))) + features;
  }
  return features + vocabulary_head_->forward(features);
}

void IndexPosition::prune_hidden(const at::Tensor& kept) {
  at::Tensor& weight = shared_->dense.front()->weight;
  const std::int64_t key_width = shared_->keys.size(1);
  const at::Tensor columns = kept.to(weight.device()) + key_width;
  replace(weight, at::cat({weight.detach().narrow(1, 0, key_width),
                           weight.detach().index_select(1, columns)},
                          1));
  shape_.encoder_width = kept.numel();
}

void IndexPosition::adopt_loaded_shapes(std::int64_t encoder_width) {
  const at::Tensor& keys = shared_->keys;
  const bool pruned_keys =
      keys.dim() == 2 && keys.size(1) >= encoder_width && keys.size(1) < shape_.hidden_size;
  const std::int64_t key_width = pruned_keys ? keys.size(1) : shape_.hidden_size;
  check_shape("demux_module.demux_instance_embedding", keys, {shape_.num_instances, key_width});
  for (std::size_t i = 0; i < shared_->dense.size(); ++i) {
    const std::int64_t inputs = i == 0 ? key_width + encoder_width : shape_.hidden_size;
    check_linear("demux_module." + numbered("dense_", i), shared_->dense[i], inputs,
                 shape_.hidden_size);
    check_layer_norm("demux_module." + numbered("layer_norm_", i), shared_->layer_norms[i],
                     shape_.hidden_size);
  }
  task_head_->check("demultiplexer", shape_.hidden_size, shape_.hidden_size);
  vocabulary_head_->check("retrieval_head", shape_.hidden_size, shape_.hidden_size);
  shape_.encoder_width = encoder_width;
}

std::vector<std::string> IndexPosition::aliases(const std::string& parameter) const {
  if (!parameter.starts_with("demux_module.")) {
    return {};
  }
  return {"demultiplexer." + parameter, "retrieval_head." + parameter};
}

}  // namespace prumux::datamux

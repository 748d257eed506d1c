#include "instance_mlp.h"

#include <ATen/ATen.h>

#include <cmath>

#include "inference_forms.h"
#include "layers.h"
#include "special_tokens.h"
#include "tensor_checks.h"

namespace prumux::datamux {

struct InstanceMlp::Branches final : torch::nn::Module {
  explicit Branches(const MultiplexerArguments& arguments)
      : dropout(arguments.encoder.hidden_dropout_prob) {
    const EncoderConfig& encoder = arguments.encoder;
    const std::int64_t width = encoder.hidden_size;
    for (std::int64_t i = 0; i < arguments.num_instances; ++i) {
      const std::string number = std::to_string(i);
      dense.push_back(
          register_module("dense_" + number, make_linear(width, width, encoder.initializer_range)));
      layer_norms.push_back(
          register_module("layer_norm_" + number, make_layer_norm(width, encoder.layer_norm_eps)));
    }
  }

  std::size_t size() const { return dense.size(); }

  at::Tensor forward(std::size_t instance, const at::Tensor& hidden) {
    const at::Tensor input = at::dropout(hidden, dropout, is_training());
    return layer_norms[instance](at::gelu(dense[instance](input)));
  }

  /// As the first part of a separation: every instance has its own weights.
  SeparationForm form() const {
    std::vector<at::Tensor> weights, biases, norm_weights, norm_biases;
    for (std::size_t i = 0; i < dense.size(); ++i) {
      weights.push_back(dense[i]->weight.detach());
      biases.push_back(dense[i]->bias.detach());
      norm_weights.push_back(layer_norms[i]->weight.detach());
      norm_biases.push_back(layer_norms[i]->bias.detach());
    }
    SeparationForm separation;
    separation.token_weight = at::stack(weights);
    separation.offsets = at::stack(biases);
    separation.activation = Activation::gelu;
    separation.norm = {at::stack(norm_weights), at::stack(norm_biases),
                       layer_norms.front()->options.eps()};
    return separation;
  }

  /// Each layer begins as the map of its instance, whatever that map's norm is.
  void start_from(const Muxing& muxing) {
    for (std::size_t i = 0; i < dense.size(); ++i) {
      const at::Tensor map = muxing.unmixing(static_cast<std::int64_t>(i));
      const double norm_of_identity = std::sqrt(static_cast<double>(map.size(0)));
      start_linear(dense[i], map * (norm_of_identity / map.norm().clamp_min(1e-12)));
    }
  }

  void prune_inputs(const at::Tensor& kept) {
    for (torch::nn::Linear& layer : dense) {
      replace(layer->weight,
              layer->weight.detach().index_select(1, kept.to(layer->weight.device())));
    }
  }

  void check(const std::string& name, std::int64_t inputs, std::int64_t outputs) const {
    for (std::size_t i = 0; i < dense.size(); ++i) {
      const std::string number = std::to_string(i);
      check_linear(name + ".dense_" + number, dense[i], inputs, outputs);
      check_layer_norm(name + ".layer_norm_" + number, layer_norms[i], outputs);
    }
  }

  double dropout;
  std::vector<torch::nn::Linear> dense;  ///< Each [d, d'].
  std::vector<torch::nn::LayerNorm> layer_norms;
};

InstanceMlp::InstanceMlp(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : shape_(arguments),
      first_token_(arguments.encoder.model_type == "roberta"
                       ? roberta_classification_token(arguments.encoder)
                       : first_token(arguments)) {
  const EncoderConfig& encoder = arguments.encoder;
  const auto add_head = [&](const char* name, const char* dense, const char* norm) {
    return root.register_module(
        name, std::make_shared<DenseNorm>(dense, norm, encoder.hidden_size, encoder));
  };
  const auto add_branches = [&](torch::nn::Module& parent) {
    return parent.register_module("demux_module", std::make_shared<Branches>(arguments));
  };
  task_head_ = add_head("demultiplexer", "dense_before_out_proj", "layernorm");
  vocabulary_head_ = add_head("retrieval_head", "dense_pre_vocab", "layer_norm_pre_vocab");
  if (encoder.model_type == "roberta") {
    task_branches_ = add_branches(*task_head_);
    vocabulary_branches_ = add_branches(*vocabulary_head_);
  } else {
    task_branches_ = add_branches(root);
    vocabulary_branches_ = task_branches_;
  }
}

InstanceMlp::~InstanceMlp() = default;

TokenRows InstanceMlp::edit_tokens(const TokenRows& rows) const {
  return with_first_token(rows, first_token_);
}

InferenceForm InstanceMlp::inference_form() const {
  InferenceForm form;
  form.tokens.first_token = first_token_;
  form.separation = task_branches_->form();
  form.separation->layers.push_back(dense_norm_form(*task_head_, false));
  return form;
}

at::Tensor InstanceMlp::separate(const at::Tensor& hidden, const at::Tensor& positions) {
  shape_.check(hidden, positions);
  const at::Tensor tokens = hidden.index_select(1, positions);
  std::vector<at::Tensor> separated;
  for (std::size_t i = 0; i < task_branches_->size(); ++i) {
    separated.push_back(task_branches_->forward(i, tokens));
  }
  return task_head_->forward(at::stack(separated, 1));
}

at::Tensor InstanceMlp::vocabulary_features(const at::Tensor& hidden,
                                            const TokenSelection& selection) {
  shape_.check(hidden, selection);
  const at::Tensor states = hidden.flatten(0, 1);
  const at::Tensor rows = selection.group * hidden.size(1) + selection.position;
  std::vector<at::Tensor> separated;
  std::vector<at::Tensor> places;
  for (std::size_t i = 0; i < vocabulary_branches_->size(); ++i) {
    places.push_back(selection.instance.eq(static_cast<std::int64_t>(i)).nonzero().squeeze(1));
    const at::Tensor tokens = states.index_select(0, rows.index_select(0, places.back()));
    separated.push_back(vocabulary_branches_->forward(i, tokens));
  }
  // Back from the order of the instances to that of the selection.
  const at::Tensor order = at::argsort(at::cat(places));
  return vocabulary_head_->forward(at::cat(separated).index_select(0, order));
}

void InstanceMlp::start_from(const Muxing& muxing) {
  if (!muxing.unmixing(0).defined()) {
    return;
  }
  task_branches_->start_from(muxing);
  if (!shares_branches()) {
    vocabulary_branches_->start_from(muxing);
  }
  task_head_->start_as_identity();
  vocabulary_head_->start_as_identity();
}

void InstanceMlp::prune_hidden(const at::Tensor& kept) {
  task_branches_->prune_inputs(kept);
  if (!shares_branches()) {
    vocabulary_branches_->prune_inputs(kept);
  }
  shape_.encoder_width = kept.numel();
}

void InstanceMlp::adopt_loaded_shapes(std::int64_t encoder_width) {
  const std::int64_t width = shape_.hidden_size;
  if (shares_branches()) {
    task_branches_->check("demux_module", encoder_width, width);
  } else {
    task_branches_->check("demultiplexer.demux_module", encoder_width, width);
    vocabulary_branches_->check("retrieval_head.demux_module", encoder_width, width);
  }
  task_head_->check("demultiplexer", width, width);
  vocabulary_head_->check("retrieval_head", width, width);
  shape_.encoder_width = encoder_width;
}

std::vector<std::string> InstanceMlp::aliases(const std::string& parameter) const {
  const std::string norm = "demultiplexer.layernorm";
  if (parameter.starts_with(norm)) {
    return {norm + "_presoftmax" + parameter.substr(norm.size())};
  }
  if (!parameter.starts_with("demux_module.")) {
    return {};
  }
  return {"demultiplexer." + parameter, "retrieval_head." + parameter};
}

}  // namespace prumux::datamux

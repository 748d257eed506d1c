#include "core/model/classification_head.h"

#include <ATen/ATen.h>

namespace prumux::model {
namespace {

Affine fresh_affine(std::int64_t outputs, std::int64_t inputs, double range) {
  Affine parameters{at::empty({outputs, inputs}), at::empty({outputs})};
  initialise("weight", parameters.weight, range);
  initialise("bias", parameters.bias, range);
  return {make_parameter(parameters.weight), make_parameter(parameters.bias)};
}

}  // namespace

ClassificationHead::ClassificationHead(const EncoderConfig& config, std::int64_t num_labels,
                                       double dropout)
    : config_(config), dropout_(dropout) {
  const std::int64_t hidden = config.hidden_size;
  if (config.model_type != "bert") {
    dense_ = fresh_affine(hidden, hidden, config.initializer_range);
  }
  output_ = fresh_affine(num_labels, hidden, config.initializer_range);
  register_all();
}

NamedTensors ClassificationHead::named_tensors() const {
  if (!dense_) return {{"classifier.weight", output_.weight}, {"classifier.bias", output_.bias}};
  return {{"classifier.dense.weight", dense_->weight},
          {"classifier.dense.bias", dense_->bias},
          {"classifier.out_proj.weight", output_.weight},
          {"classifier.out_proj.bias", output_.bias}};
}

void ClassificationHead::register_all() {
  parameters_.clear();
  for (const auto& [name, tensor] : named_tensors()) parameters_.insert(name, tensor);
}

at::Tensor ClassificationHead::forward(const at::Tensor& features) const {
  at::Tensor x = at::dropout(features, dropout_, is_training());
  if (dense_) {
    x = affine(x, *dense_);
    x = config_.model_type == "roberta" ? at::tanh(x) : at::gelu(x);
    x = at::dropout(x, dropout_, is_training());
  }
  return affine(x, output_);
}

std::vector<std::string> ClassificationHead::load(StateReader& state, std::int64_t features) {
  // A file of another head with the same names (ELECTRA's inside a BERT) is no head for this model.
  if (!dense_ && !state.contains("classifier.weight") &&
      state.contains("classifier.out_proj.weight")) {
    fail_shape("classifier.out_proj.weight", state.require("classifier.out_proj.weight").sizes(),
               "a single 'classifier.weight'");
  }
  Affine& first = dense_ ? *dense_ : output_;
  if (first.weight.size(1) != features) {
    first = fresh_affine(first.weight.size(0), features, config_.initializer_range);
    register_all();
  }
  std::vector<std::string> missing;
  for (auto& [name, tensor] : named_tensors()) {
    if (state.contains(name)) {
      at::Tensor parameter = tensor;
      place(parameter, state.require(name, tensor.sizes()));
    } else {
      missing.push_back(name);
    }
  }
  return missing;
}

void ClassificationHead::prune_features(const UnitSelection& hidden) {
  const at::NoGradGuard no_gradient;
  Affine& first = dense_ ? *dense_ : output_;
  first.weight = make_parameter(select_inputs(first, hidden).weight);
  register_all();
}

}  // namespace prumux::model

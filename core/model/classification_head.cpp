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

/// Where multiplexed RoBERTas of other projects keep their only layer.
std::string other_name(const std::string& name) {
  const std::string classifier = "classifier.";
  return "demultiplexer.out_proj." +
         (name.starts_with(classifier) ? name.substr(classifier.size()) : std::string());
}

}  // namespace

ClassificationHead::ClassificationHead(const EncoderConfig& config, std::int64_t num_labels,
                                       const Form& form)
    : config_(config), form_(form) {
  const std::int64_t hidden = config.hidden_size;
  if (!form.single_layer || form.kind == HeadKind::discriminator) {
    dense_ = fresh_affine(hidden, hidden, config.initializer_range);
  }
  output_ = fresh_affine(num_labels, hidden, config.initializer_range);
  register_all();
}

NamedTensors ClassificationHead::named_tensors() const {
  const auto named = [](const std::string& name, const Affine& parameters) {
    return NamedTensors{{name + ".weight", parameters.weight}, {name + ".bias", parameters.bias}};
  };
  if (!dense_) return named("classifier", output_);
  const bool discriminates = form_.kind == HeadKind::discriminator;
  NamedTensors tensors =
      named(discriminates ? "discriminator_predictions.dense" : "classifier.dense", *dense_);
  const NamedTensors output =
      named(discriminates ? "discriminator_predictions.dense_prediction" : "classifier.out_proj",
            output_);
  tensors.insert(tensors.end(), output.begin(), output.end());
  return tensors;
}

void ClassificationHead::register_all() {
  parameters_.clear();
  for (const auto& [name, tensor] : named_tensors()) parameters_.insert(name, tensor);
}

at::Tensor ClassificationHead::forward(const at::Tensor& features) const {
  at::Tensor x = at::dropout(features, form_.dropout, is_training());
  if (dense_) {
    x = affine(x, *dense_);
    x = config_.model_type == "roberta" ? at::tanh(x) : at::gelu(x);
    x = at::dropout(x, form_.dropout, is_training());
  }
  return affine(x, output_);
}

std::vector<std::string> ClassificationHead::load(StateReader& state, std::int64_t features) {
  // A file of another head with the same names (ELECTRA's inside a BERT) is no head for this model.
  if (!dense_ && config_.model_type == "bert" && !state.contains("classifier.weight") &&
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
    const std::string stored = state.contains(name) ? name : other_name(name);
    if (state.contains(stored)) {
      at::Tensor parameter = tensor;
      place(parameter, state.require(stored, tensor.sizes()));
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

#include "core/model/vocabulary_head.h"

#include <ATen/ATen.h>

#include "prumux/error.h"

namespace prumux::model {

namespace {

const VocabularyHeadNames kMultiplexed{"", "", "retrieval_head.decoder.weight",
                                       "retrieval_head.decoder.bias", "retrieval_head.bias"};
const VocabularyHeadNames kBert{
    "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
    "cls.predictions.decoder.weight", "cls.predictions.bias", "cls.predictions.decoder.bias"};
const VocabularyHeadNames kRoberta{"lm_head.dense", "lm_head.layer_norm", "lm_head.decoder.weight",
                                   "lm_head.bias", "lm_head.decoder.bias"};
const VocabularyHeadNames kElectra{"generator_predictions.dense", "generator_predictions.LayerNorm",
                                   "generator_lm_head.weight", "generator_lm_head.bias", ""};

const VocabularyHeadNames& names_for(const EncoderConfig& config, bool multiplexed) {
  if (multiplexed) return kMultiplexed;
  if (config.model_type == "roberta") return kRoberta;
  return config.model_type == "electra" ? kElectra : kBert;
}

/// Width of what the decoder reads: ELECTRA's own head goes back to its embeddings.
std::int64_t decoder_width_for(const EncoderConfig& config, bool multiplexed) {
  return !multiplexed && config.model_type == "electra" ? config.embedding_size
                                                        : config.hidden_size;
}

}  // namespace

bool is_vocabulary_head(const std::string& name) {
  return name.starts_with("retrieval_head.") || name.starts_with("cls.predictions.") ||
         name.starts_with("lm_head.") || name.starts_with("generator_predictions.") ||
         name.starts_with("generator_lm_head.");
}

VocabularyHead::VocabularyHead(const EncoderConfig& config, bool multiplexed, std::int64_t features)
    // The reference ties all of its heads but those of its multiplexed RoBERTa and ELECTRA.
    : config_(config),
      names_(names_for(config, multiplexed)),
      may_tie_(!multiplexed || config.model_type == "bert"),
      decoder_width_(decoder_width_for(config, multiplexed)) {
  if (!multiplexed) {
    dense_ = Affine{at::empty({decoder_width_, features}), at::zeros({decoder_width_})};
    initialise("weight", dense_->weight, config.initializer_range);
    dense_ = Affine{make_parameter(dense_->weight), make_parameter(dense_->bias)};
    norm_ = {make_parameter(at::ones({decoder_width_})),
             make_parameter(at::zeros({decoder_width_}))};
  }
  decoder_bias_ = make_parameter(at::zeros({config.vocab_size}));
  if (!may_tie_) {
    at::Tensor weight = at::empty({config.vocab_size, decoder_width_});
    initialise("weight", weight, config.initializer_range);
    decoder_weight_ = make_parameter(weight);
  }
  register_all();
}

bool VocabularyHead::is_in(const StateReader& state, const EncoderConfig& config) {
  return state.contains(names_for(config, false).dense + ".weight");
}

NamedTensors VocabularyHead::named_tensors() const {
  NamedTensors tensors;
  if (decoder_weight_.defined()) tensors.emplace_back(names_.decoder, decoder_weight_);
  tensors.emplace_back(names_.bias, decoder_bias_);
  if (dense_) {
    tensors.emplace_back(names_.dense + ".weight", dense_->weight);
    tensors.emplace_back(names_.dense + ".bias", dense_->bias);
    tensors.emplace_back(names_.norm + ".weight", norm_.weight);
    tensors.emplace_back(names_.norm + ".bias", norm_.bias);
  }
  return tensors;
}

void VocabularyHead::register_all() {
  parameters_.clear();
  for (const auto& [name, tensor] : named_tensors()) parameters_.insert(name, tensor);
}

at::Tensor VocabularyHead::forward(const at::Tensor& features, const at::Tensor& words) const {
  at::Tensor x = features;
  if (dense_) x = layer_norm(at::gelu(affine(x, *dense_)), norm_, config_.layer_norm_eps);
  return at::linear(x, tied() ? words : decoder_weight_, decoder_bias_);
}

void VocabularyHead::untie(const at::Tensor& words) {
  if (!tied()) return;
  decoder_weight_ = make_parameter(words);
  register_all();
}

std::vector<std::string> VocabularyHead::load(StateReader& state, const at::Tensor& words,
                                              std::int64_t features) {
  const at::Tensor weight = state.find(names_.decoder);
  const bool may_tie = may_tie_ && words.size(1) == decoder_width_;
  const bool equal = weight.defined() && weight.sizes() == words.sizes() && weight.equal(words);
  std::vector<std::string> missing;
  if (weight.defined() && !(tied() && equal && may_tie)) {
    const std::vector<std::int64_t> shape = {config_.vocab_size, decoder_width_};
    state.require(names_.decoder, shape);
    if (tied()) {
      decoder_weight_ = make_parameter(weight);
    } else {
      place(decoder_weight_, weight);
    }
  } else if (!weight.defined() && may_tie) {
    decoder_weight_.reset();
  } else if (!weight.defined()) {
    if (tied()) {
      at::Tensor fresh = at::empty({config_.vocab_size, decoder_width_});
      initialise("weight", fresh, config_.initializer_range);
      decoder_weight_ = make_parameter(fresh);
    }
    missing.push_back(names_.decoder);
  }
  if (dense_ && dense_->weight.size(1) != features) {
    at::Tensor fresh = at::empty({decoder_width_, features});
    initialise("weight", fresh, config_.initializer_range);
    place(dense_->weight, fresh);
  }
  for (const auto& [name, tensor] : named_tensors()) {
    if (name == names_.decoder) continue;
    const bool by_alias = name == names_.bias && !state.contains(name);
    const std::string& stored = by_alias ? names_.bias_alias : name;
    if (name == names_.bias && !by_alias) state.find(names_.bias_alias);
    at::Tensor parameter = tensor;
    if (state.contains(stored)) {
      place(parameter, state.require(stored, tensor.sizes()));
    } else {
      missing.push_back(name);
    }
  }
  register_all();
  return missing;
}

void VocabularyHead::prune_features(const UnitSelection& hidden) {
  if (!dense_) return;
  const at::NoGradGuard no_gradient;
  dense_->weight = make_parameter(select_inputs(*dense_, hidden).weight);
  register_all();
}

}  // namespace prumux::model

#include "core/model/model.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "core/model/classification_head.h"
#include "core/model/encoder.h"
#include "core/model/multiplexer_call.h"
#include "core/model/plugin_head.h"
#include "core/model/present_units.h"
#include "core/model/selection.h"
#include "core/model/vocabulary_head.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

void check_inputs(const ModelInputs& inputs) {
  const at::Tensor& ids = inputs.input_ids;
  if (!ids.defined() || ids.dim() != 2 || ids.size(0) == 0 || ids.size(1) == 0) {
    throw DataError(
        fmt::format("input_ids has shape {}, expected [rows, positions], none of them 0",
                    ids.defined() ? shape_text(ids.sizes()) : "nothing"));
  }
  const auto check = [&](const char* name, const at::Tensor& tensor) {
    if (!tensor.defined()) return;
    if (tensor.sizes() != ids.sizes()) {
      throw DataError(fmt::format("{} has shape {}, expected {} as input_ids", name,
                                  shape_text(tensor.sizes()), shape_text(ids.sizes())));
    }
    if (tensor.scalar_type() != at::kLong) {
      throw DataError(fmt::format("{} has the type {}, expected int64", name,
                                  c10::toString(tensor.scalar_type())));
    }
  };
  check("input_ids", ids);
  check("attention_mask", inputs.attention_mask);
  check("token_type_ids", inputs.token_type_ids);
}

/// Rows 0..R-1 and then again from the first on, until groups of N are complete.
TokenRows complete_groups(const ModelInputs& inputs, std::int64_t num_instances) {
  const std::int64_t rows = inputs.input_ids.size(0);
  const at::Tensor mask =
      inputs.attention_mask.defined() ? inputs.attention_mask : at::ones_like(inputs.input_ids);
  const std::int64_t surplus = (num_instances - rows % num_instances) % num_instances;
  if (surplus == 0) return {inputs.input_ids, mask};
  const at::Tensor index = at::arange(rows + surplus).remainder(rows);
  return {inputs.input_ids.index_select(0, index), mask.index_select(0, index)};
}

}  // namespace

Model::Model(const ModelConfig& config) : Model(config, Weights::fresh) {}

Model::Model(const ModelConfig& config, Weights weights) : config_(config) {
  const EncoderConfig& encoder = config.encoder;
  const bool multiplexed = config.multiplexer.has_value();
  if (multiplexed) add_multiplexer();
  encoder_ = register_module("encoder", std::make_shared<Encoder>(encoder, config.wants_pooler(),
                                                                  weights == Weights::fresh));
  if (multiplexed) ensure_vocabulary_head();
  reset_classifier(config.num_labels, config.label_names, config.head, config.head_method);
}

Model::~Model() = default;

void Model::add_multiplexer() {
  if (config_.encoder.embedding_size != config_.encoder.hidden_size) {
    throw ConfigError(fmt::format(
        "a multiplexer needs embeddings as wide as the hidden states, but embedding_size is {} and "
        "hidden_size {}",
        config_.encoder.embedding_size, config_.encoder.hidden_size));
  }
  MultiplexerArguments arguments = multiplexer_arguments(config_);
  arguments.embed_tokens = [this](const at::Tensor& input_ids) {
    return encoder_->embed(input_ids, {}, {});
  };
  multiplexer_ =
      plugin::Registry::instance().make_multiplexer(config_.multiplexer->method, arguments);
  register_module("multiplexer", multiplexer_);
}

void Model::ensure_vocabulary_head() {
  if (vocabulary_head_) return;
  const EncoderConfig& encoder = config_.encoder;
  vocabulary_head_ = register_module(
      "vocabulary_head",
      std::make_shared<VocabularyHead>(encoder, multiplexer_ != nullptr, encoder_->width()));
  const std::int64_t width = vocabulary_head_->decoder_width();
  if (encoder_->embeddings().word.size(1) != width) {
    vocabulary_head_->untie(
        at::normal(0.0, encoder.initializer_range, {encoder.vocab_size, width}));
  }
  vocabulary_head_->train(is_training());
}

std::shared_ptr<ClassificationHead> Model::usual_classifier() const {
  const std::string& type = config_.encoder.model_type;
  const bool reads_separated = multiplexer_ && type != "electra";
  ClassificationHead::Form form;
  form.kind = config_.head;
  form.single_layer = config_.head == HeadKind::token || type == "bert" || reads_separated;
  form.dropout =
      reads_separated || config_.head == HeadKind::discriminator ? 0.0 : config_.classifier_dropout;
  return std::make_shared<ClassificationHead>(config_.encoder, config_.num_labels, form);
}

void Model::rename_labels(const std::vector<std::string>& label_names) {
  if (!label_names.empty() && std::ssize(label_names) != config_.num_labels) {
    throw DataError(fmt::format("{} names for {} outputs of the classifier", label_names.size(),
                                config_.num_labels));
  }
  config_.label_names = label_names;
}

void Model::reset_classifier(std::int64_t num_labels, const std::vector<std::string>& label_names,
                             HeadKind kind, const std::optional<HeadMethod>& method) {
  std::shared_ptr<PluginHead> fresh;
  if (method) {
    fresh = std::make_shared<PluginHead>(
        *method, HeadArguments{config_.encoder, num_labels, num_instances(), method->parameters});
  }
  config_.num_labels = num_labels;
  config_.label_names = label_names;
  config_.head = kind;
  config_.head_method = method;
  if (config_.wants_pooler()) encoder_->ensure_pooler();
  if (classifier_) unregister_module("classifier");
  if (plugin_head_) unregister_module("plugin_head");
  classifier_ = nullptr;
  plugin_head_ = nullptr;
  if (fresh) {
    plugin_head_ = register_module("plugin_head", fresh);
  } else {
    classifier_ = register_module("classifier", usual_classifier());
  }
  if (head_width() != config_.encoder.hidden_size) {
    StateReader nothing({}, encoder_->prefix());
    head().load(nothing, head_width());
  }
  head().train(is_training());
}

TaskHead& Model::head() const {
  if (plugin_head_) return *plugin_head_;
  return *classifier_;
}

std::int64_t Model::head_width() const {
  return multiplexer_ || config_.wants_pooler() ? config_.encoder.hidden_size : encoder_->width();
}

bool Model::physically_pruned() const { return encoder_->pruned(); }

at::Tensor Model::mix(const TokenRows& rows) const {
  const std::int64_t instances = num_instances();
  const std::int64_t length = rows.input_ids.size(1);
  const at::Tensor embedded = encoder_->embed(rows.input_ids, {}, {});
  const at::Tensor mixed = call_multiplexer(*config_.multiplexer, "mux", [&] {
    return multiplexer_->mux(embedded.view({-1, instances, length, embedded.size(2)}),
                             rows.attention_mask.view({-1, instances, length}));
  });
  check_multiplexer_result(*config_.multiplexer, "mux", mixed,
                           {rows.input_ids.size(0) / instances, length, encoder_->width()});
  return mixed;
}

EncodedGroups Model::encode(const ModelInputs& inputs, const ForwardOptions& options) {
  check_inputs(inputs);
  EncodedGroups encoded;
  encoded.num_rows = inputs.input_ids.size(0);
  encoded.rows = complete_groups(inputs, num_instances());

  std::optional<StructureSelection> selection;
  if (options.masks != nullptr && !options.masks->empty()) {
    selection = StructureSelection::of(
        physically_pruned() ? fit_masks(*options.masks, *this) : *options.masks, config_.encoder,
        options.zero_masks_are_constant);
  }
  const UnitSelection hidden = selection ? selection->hidden : UnitSelection{};

  EncoderPass pass;
  pass.selection = selection ? &*selection : nullptr;
  pass.hidden_states = options.hidden_states;
  pass.last_layer_positions = options.last_layer_positions;
  at::Tensor embedded;
  if (multiplexer_) {
    encoded.rows = call_multiplexer(*config_.multiplexer, "edit_tokens",
                                    [&] { return multiplexer_->edit_tokens(encoded.rows); });
    embedded = encoder_->embed_again(mix(encoded.rows), hidden);
    if (multiplexer_->padding() == PaddingSemantics::masked) {
      pass.attention_mask =
          encoded.rows.attention_mask.view({-1, num_instances(), embedded.size(1)}).amax(1);
    }
  } else {
    embedded = encoder_->embed(encoded.rows.input_ids, inputs.token_type_ids, hidden);
    pass.attention_mask = encoded.rows.attention_mask;
  }
  encoded.hidden_states = encoder_->run(embedded, pass);
  return encoded;
}

at::Tensor Model::separate(const at::Tensor& hidden, const at::Tensor& positions) const {
  const at::Tensor separated = call_multiplexer(
      *config_.multiplexer, "demux", [&] { return multiplexer_->demux(hidden, positions); });
  check_multiplexer_result(
      *config_.multiplexer, "demux", separated,
      {hidden.size(0), num_instances(), positions.size(0), config_.encoder.hidden_size});
  return separated.flatten(0, 1);
}

at::Tensor Model::classification_logits(const EncodedGroups& encoded) {
  if (plugin_head_) return plugin_logits(encoded);
  if (config_.head != HeadKind::sequence) return token_logits(encoded);
  const at::Tensor& hidden = encoded.hidden_states.back();
  if (!multiplexer_) {
    return classifier_->forward(config_.wants_pooler() ? encoder_->pool(hidden)
                                                       : hidden.select(1, 0));
  }
  const at::Tensor position = at::tensor({multiplexer_->classification_position()}, at::kLong);
  return classifier_->forward(separate(hidden, position).squeeze(1)).slice(0, 0, encoded.num_rows);
}

at::Tensor Model::token_features(const EncodedGroups& encoded, std::int64_t positions) {
  const at::Tensor& hidden = encoded.hidden_states.back();
  const std::int64_t first = prefix_length();
  const std::int64_t end =
      positions == 0 ? hidden.size(1) : std::min(first + positions, hidden.size(1));
  const at::Tensor features =
      multiplexer_ ? separate(hidden, at::arange(first, end, at::kLong)) : hidden.slice(1, 0, end);
  return features.slice(0, 0, encoded.num_rows);
}

at::Tensor Model::plugin_logits(const EncodedGroups& encoded) {
  const at::Tensor features = token_features(encoded, plugin_head_->read_positions());
  const at::Tensor mask = encoded.rows.attention_mask.slice(0, 0, encoded.num_rows)
                              .narrow(1, prefix_length(), features.size(1));
  return plugin_head_->forward(features, mask);
}

at::Tensor Model::token_logits(const EncodedGroups& encoded) {
  const at::Tensor logits = classifier_->forward(token_features(encoded));
  return config_.head == HeadKind::discriminator ? logits.squeeze(2) : logits;
}

std::int64_t Model::read_positions() const {
  if (config_.head != HeadKind::sequence) return 0;
  if (plugin_head_) {
    const std::int64_t positions = plugin_head_->read_positions();
    return positions == 0 ? 0 : prefix_length() + positions;
  }
  return multiplexer_ ? multiplexer_->classification_position() + 1 : 1;
}

ForwardRecord Model::forward(const ModelInputs& inputs, const ForwardOptions& options) {
  ForwardOptions needed = options;
  if (!options.hidden_states && options.last_layer_positions == 0) {
    needed.last_layer_positions = read_positions();
  }
  const EncodedGroups encoded = encode(inputs, needed);
  ForwardRecord record;
  record.logits = classification_logits(encoded);
  if (options.hidden_states) record.hidden_states = encoded.hidden_states;
  record.attention_mask =
      inputs.attention_mask.defined() ? inputs.attention_mask : at::ones_like(inputs.input_ids);
  return record;
}

at::Tensor Model::vocabulary_logits(const EncodedGroups& encoded, const TokenSelection& selection) {
  if (!vocabulary_head_) {
    throw ConfigError(
        "this model has no vocabulary head; token retrieval and masked language "
        "modelling need one");
  }
  const at::Tensor& hidden = encoded.hidden_states.back();
  const at::Tensor features =
      multiplexer_
          ? call_multiplexer(*config_.multiplexer, "vocabulary_features",
                             [&] { return multiplexer_->vocabulary_features(hidden, selection); })
          : hidden.flatten(0, 1).index_select(
                0, selection.group * hidden.size(1) + selection.position);
  if (multiplexer_) {
    check_multiplexer_result(*config_.multiplexer, "vocabulary_features", features,
                             {selection.group.size(0), config_.encoder.hidden_size});
  }
  return vocabulary_head_->forward(features, encoder_->embeddings().word);
}

}  // namespace prumux::model

#include "core/model/encoder.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/model/dropout.h"
#include "core/model/embedded_tokens.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

Affine empty_affine(std::int64_t outputs, std::int64_t inputs) {
  return {at::empty({outputs, inputs}), at::empty({outputs})};
}

Norm empty_norm(std::int64_t width) { return {at::empty({width}), at::empty({width})}; }

/// Without rows when it is to be filled from a checkpoint, whose shapes are checked first.
Layer empty_layer(const EncoderConfig& config, bool with_rows) {
  const std::int64_t hidden = config.hidden_size;
  const std::int64_t outputs = with_rows ? hidden : 0;
  const std::int64_t intermediate = with_rows ? config.intermediate_size : 0;
  Layer layer;
  const auto projection = [&] { return empty_affine(outputs, hidden); };
  layer.attention = AttentionBlock{projection(), projection(), projection(), projection()};
  layer.attention_norm = empty_norm(hidden);
  layer.feed_forward =
      FeedForwardBlock{empty_affine(intermediate, hidden), empty_affine(outputs, intermediate)};
  layer.feed_forward_norm = empty_norm(hidden);
  return layer;
}

bool changes(const UnitSelection& units, std::int64_t count) {
  return units.scales.defined() || (units.kept.defined() && units.kept.size(0) != count);
}

void check_rank(const std::string& name, const Affine& linear, std::int64_t rank) {
  if (linear.factorised()) throw DataError("'" + name + "' is factorised already");
  const std::int64_t largest = std::min(linear.weight.size(0), linear.weight.size(1));
  if (rank >= 1 && rank <= largest) return;
  throw DataError(
      fmt::format("'{}' is to be factorised with rank {} - expected 1 to {}", name, rank, largest));
}

SecondPassTables select_tables(const at::Tensor& position, const at::Tensor& token_type,
                               const Norm& norm, const UnitSelection& hidden) {
  return {select_last_dimension(position, hidden), select_last_dimension(token_type, hidden),
          select_norm(norm, hidden)};
}

}  // namespace

template <typename Self, typename Visitor>
void Encoder::visit(Self& self, const Visitor& visitor) {
  visit_embeddings(self.embeddings_, self.prefix(), visitor);
  if (self.second_pass_) visit_second_pass(*self.second_pass_, visitor);
  for (std::size_t index = 0; index < self.layers_.size(); ++index) {
    visit_layer(self.layers_[index], self.layer_prefix(index), visitor);
  }
  if (self.pooler_) {
    visitor(self.prefix() + "pooler.dense.weight", self.pooler_->weight);
    visitor(self.prefix() + "pooler.dense.bias", self.pooler_->bias);
  }
}

Encoder::Encoder(const EncoderConfig& config, bool with_pooler, bool fresh_weights)
    : config_(config) {
  const std::int64_t hidden = config.hidden_size;
  const std::int64_t columns = config.embedding_size;
  const auto table = [&](std::int64_t rows) {
    return at::empty({fresh_weights ? rows : 0, columns});
  };
  embeddings_ = {table(config.vocab_size), table(config.max_position_embeddings),
                 table(config.type_vocab_size), empty_norm(columns), std::nullopt};
  if (columns != hidden) {
    embeddings_.projection = empty_affine(hidden, fresh_weights ? columns : 0);
  }
  for (std::int64_t index = 0; index < config.num_hidden_layers; ++index) {
    layers_.push_back(empty_layer(config, fresh_weights));
  }
  if (with_pooler) pooler_ = empty_affine(fresh_weights ? hidden : 0, hidden);

  visit(*this, [&](const std::string& name, at::Tensor& tensor) {
    if (fresh_weights) initialise(name, tensor, config_.initializer_range);
    tensor.set_requires_grad(true);
  });
  if (fresh_weights && config.pad_token_id >= 0 && config.pad_token_id < config.vocab_size) {
    const at::NoGradGuard no_gradient;
    embeddings_.word[config.pad_token_id].zero_();
  }
  register_all();
}

void Encoder::register_all() {
  parameters_.clear();
  // register_parameter refuses names with dots, which are what a checkpoint has.
  visit(*this, [&](const std::string& name, const at::Tensor& tensor) {
    parameters_.insert(name, tensor);
  });
}

std::string Encoder::layer_prefix(std::size_t index) const {
  return prefix() + "encoder.layer." + std::to_string(index) + ".";
}

at::Tensor Encoder::finish_embedding(const at::Tensor& sum, const Norm& norm,
                                     const UnitSelection& hidden) const {
  const at::Tensor normalised = layer_norm(select_last_dimension(sum, hidden),
                                           select_norm(norm, hidden), config_.layer_norm_eps);
  return is_training() ? dropout(normalised, config_.hidden_dropout_prob) : normalised;
}

at::Tensor Encoder::embed(const at::Tensor& input_ids, const at::Tensor& token_type_ids,
                          const UnitSelection& hidden) const {
  const TokenPlaces places = token_places(embeddings_, config_, input_ids, token_type_ids);
  if (!embeddings_.projection && !hidden.trivial()) {
    return finish_embedding(sum_embeddings(embeddings_, places), embeddings_.norm, hidden);
  }
  const at::Tensor embedded = embed_tokens(embeddings_, places, config_.layer_norm_eps,
                                           is_training() ? config_.hidden_dropout_prob : 0.0);
  if (!embeddings_.projection) return embedded;
  // Autocast gives products in bfloat16, but hidden states are float32.
  return affine(embedded, select_outputs(*embeddings_.projection, hidden, {}, {})).to(at::kFloat);
}

at::Tensor Encoder::embed_again(const at::Tensor& mixed, const UnitSelection& hidden) const {
  const bool own = second_pass_.has_value();
  const at::Tensor offsets = second_pass_offsets(
      own ? second_pass_->position : embeddings_.position,
      own ? second_pass_->token_type : embeddings_.token_type, config_, mixed.size(1));
  return finish_embedding(mixed + offsets, own ? second_pass_->norm : embeddings_.norm, hidden);
}

LayerContext Encoder::context_of(const EncoderPass& pass) const {
  LayerContext context;
  context.head_size = config_.head_size();
  context.layer_norm_eps = config_.layer_norm_eps;
  context.attention_bias = attention_bias(pass.attention_mask);
  if (is_training()) {
    context.hidden_dropout = config_.hidden_dropout_prob;
    context.attention_dropout = config_.attention_probs_dropout_prob;
  }
  return context;
}

std::vector<at::Tensor> Encoder::run(const at::Tensor& embedded, const EncoderPass& pass) const {
  const StructureSelection* selection = pass.selection;
  const LayerContext context = context_of(pass);
  const auto restore = [&](const at::Tensor& x) {
    return selection ? restore_last_dimension(x, selection->hidden, width()) : x;
  };
  const auto reads_others = [&](std::size_t index) {
    return layers_[index].attention && (!selection || selection->layers[index].attention_present);
  };
  // After the last attention, a position needs no other.
  std::size_t last_reader = layers_.size() - 1;
  while (last_reader > 0 && !reads_others(last_reader)) --last_reader;

  std::vector<at::Tensor> states;
  at::Tensor x = embedded;
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    if (pass.hidden_states) states.push_back(restore(x));
    const bool shorten = pass.last_layer_positions > 0 && index >= last_reader;
    const std::int64_t queries =
        shorten ? std::min(pass.last_layer_positions, x.size(1)) : x.size(1);
    const Layer& layer = layers_[index];
    x = selection ? forward_layer(x,
                                  select_layer(layer, selection->layers[index], selection->hidden,
                                               config_.head_size()),
                                  context, queries)
                  : forward_layer(x, layer, context, queries);
  }
  states.push_back(restore(x));
  return states;
}

at::Tensor Encoder::pool(const at::Tensor& hidden) const {
  return at::tanh(affine(hidden.select(1, 0), *pooler_));
}

std::int64_t Encoder::width() const {
  if (second_pass_) return second_pass_->norm.weight.size(0);
  return embeddings_.projection ? embeddings_.projection->weight.size(0) : embeddings_.word.size(1);
}

bool Encoder::pruned() const {
  if (second_pass_ || width() != config_.hidden_size || factorised()) return true;
  return std::any_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return !layer.attention || !layer.feed_forward ||
           layer.attention->query.weight.size(0) != config_.hidden_size ||
           layer.feed_forward->intermediate.weight.size(0) != config_.intermediate_size;
  });
}

void Encoder::prune(const StructureSelection& selection, bool multiplexed) {
  const at::NoGradGuard no_gradient;
  const UnitSelection hidden =
      changes(selection.hidden, width()) ? selection.hidden : UnitSelection{};
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    layers_[index] =
        select_layer(layers_[index], selection.layers[index], hidden, config_.head_size());
  }
  if (!hidden.trivial()) {
    if (pooler_) pooler_ = select_inputs(*pooler_, hidden);
    if (multiplexed && second_pass_) {
      second_pass_ = select_tables(second_pass_->position, second_pass_->token_type,
                                   second_pass_->norm, hidden);
    } else if (multiplexed) {
      second_pass_ =
          select_tables(embeddings_.position, embeddings_.token_type, embeddings_.norm, hidden);
    } else if (embeddings_.projection) {
      embeddings_.projection = select_outputs(*embeddings_.projection, hidden, {}, {});
    } else {
      const SecondPassTables tables =
          select_tables(embeddings_.position, embeddings_.token_type, embeddings_.norm, hidden);
      embeddings_ = {select_last_dimension(embeddings_.word, hidden), tables.position,
                     tables.token_type, tables.norm, std::nullopt};
    }
  }
  visit(*this, [](const std::string&, at::Tensor& tensor) { tensor = make_parameter(tensor); });
  register_all();
}

void Encoder::factorise(const std::map<std::string, std::int64_t>& ranks) {
  std::map<std::string, Affine*> weights;
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    visit_linear(layers_[index], layer_prefix(index), [&](const std::string& name, Affine& linear) {
      weights[name + ".weight"] = &linear;
    });
  }
  for (const auto& [name, rank] : ranks) {
    const auto found = weights.find(name);
    if (found == weights.end()) {
      throw DataError("'" + name +
                      "' is to be factorised, but no layer of the model has such a weight");
    }
    check_rank(name, *found->second, rank);
  }
  for (const auto& [name, rank] : ranks) {
    Affine& linear = *weights.at(name);
    linear = model::factorise(linear, rank);
    linear.weight = make_parameter(linear.weight);
    linear.reduction = make_parameter(linear.reduction);
  }
  register_all();
}

bool Encoder::factorised() const {
  bool found = false;
  for (const Layer& layer : layers_) {
    visit_linear(layer, "", [&](const std::string&, const Affine& linear) {
      found = found || linear.factorised();
    });
  }
  return found;
}

std::int64_t Encoder::layer_parameter_count() const {
  std::int64_t count = 0;
  for (const Layer& layer : layers_) {
    visit_layer(layer, "",
                [&](const std::string&, const at::Tensor& tensor) { count += tensor.numel(); });
  }
  return count;
}

NamedTensors Encoder::named_tensors() const {
  NamedTensors tensors;
  visit(*this, [&](const std::string& name, const at::Tensor& tensor) {
    tensors.emplace_back(name, tensor);
  });
  return tensors;
}

}  // namespace prumux::model

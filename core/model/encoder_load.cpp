#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include "core/model/encoder.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

void place_pair(StateReader& state, const std::string& name, Affine& parameters,
                std::int64_t outputs, std::int64_t inputs) {
  place(parameters.weight, state.require(name + ".weight", {outputs, inputs}));
  place(parameters.bias, state.require(name + ".bias", {outputs}));
}

/// As `place_pair`, factorised where the checkpoint has a reduction.
void place_linear(StateReader& state, const std::string& name, Affine& parameters,
                  std::int64_t outputs, std::int64_t inputs) {
  const at::Tensor reduction = state.find(name + kReductionSuffix);
  if (!reduction.defined()) {
    parameters.reduction.reset();
    place_pair(state, name, parameters, outputs, inputs);
    return;
  }
  if (reduction.dim() != 2 || reduction.size(1) != inputs) {
    fail_shape(name + kReductionSuffix, reduction.sizes(), fmt::format("[rank, {}]", inputs));
  }
  if (!parameters.factorised()) parameters.reduction = make_parameter(at::empty({0, 0}));
  place(parameters.reduction, reduction);
  place_pair(state, name, parameters, outputs, reduction.size(0));
}

void place_norm(StateReader& state, const std::string& name, Norm& parameters, std::int64_t width) {
  place(parameters.weight, state.require(name + ".weight", {width}));
  place(parameters.bias, state.require(name + ".bias", {width}));
}

/// The LayerNorm of a removed block: the references keep it, of whatever width, and so do we.
void place_unused_norm(StateReader& state, const std::string& name, Norm& parameters) {
  const at::Tensor weight = state.require(name + ".weight");
  if (weight.dim() != 1) fail_shape(name + ".weight", weight.sizes(), "one dimension");
  place_norm(state, name, parameters, weight.size(0));
}

Affine new_affine() { return {make_parameter(at::empty({0, 0})), make_parameter(at::empty({0}))}; }

bool contains_any(const StateReader& state, const std::string& prefix,
                  std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (state.contains(prefix + name + ".weight") || state.contains(prefix + name + ".bias")) {
      return true;
    }
  }
  return false;
}

/// Rows of a weight, at most `most`.
std::int64_t rows_of(StateReader& state, const std::string& name, std::int64_t most) {
  const at::Tensor weight = state.require(name);
  if (weight.dim() != 2 || weight.size(0) > most) {
    fail_shape(name, weight.sizes(), fmt::format("at most {} rows", most));
  }
  return weight.size(0);
}

void load_attention(StateReader& state, const std::string& prefix, const EncoderConfig& config,
                    std::int64_t width, AttentionBlock& block) {
  const std::string query = prefix + "attention.self.query.weight";
  const std::int64_t rows = rows_of(state, query, config.hidden_size);
  if (rows % config.head_size() != 0) {
    fail_shape(query, state.require(query).sizes(),
               fmt::format("a multiple of {} rows (the size of a head)", config.head_size()));
  }
  place_linear(state, prefix + "attention.self.query", block.query, rows, width);
  place_linear(state, prefix + "attention.self.key", block.key, rows, width);
  place_linear(state, prefix + "attention.self.value", block.value, rows, width);
  place_linear(state, prefix + "attention.output.dense", block.output, width, rows);
}

void load_feed_forward(StateReader& state, const std::string& prefix, const EncoderConfig& config,
                       std::int64_t width, FeedForwardBlock& block) {
  const std::int64_t rows =
      rows_of(state, prefix + "intermediate.dense.weight", config.intermediate_size);
  place_linear(state, prefix + "intermediate.dense", block.intermediate, rows, width);
  place_linear(state, prefix + "output.dense", block.output, width, rows);
}

}  // namespace

void Encoder::load_embeddings(StateReader& state) {
  const std::string start = prefix() + "embeddings.";
  const std::string word_name = start + "word_embeddings.weight";
  const at::Tensor word = state.require_table(word_name, config_.vocab_size);
  const std::int64_t columns = word.size(1);
  if (columns > config_.embedding_size) {
    fail_shape(word_name, word.sizes(), fmt::format("at most {} columns", config_.embedding_size));
  }
  place(embeddings_.word, word);
  place(embeddings_.position, state.require(start + "position_embeddings.weight",
                                            {config_.max_position_embeddings, columns}));
  place(embeddings_.token_type,
        state.require(start + "token_type_embeddings.weight", {config_.type_vocab_size, columns}));
  place_norm(state, start + "LayerNorm", embeddings_.norm, columns);
  if (embeddings_.projection) {
    const std::string name = prefix() + "embeddings_project";
    const std::int64_t rows = rows_of(state, name + ".weight", config_.hidden_size);
    place_pair(state, name, *embeddings_.projection, rows, columns);
  }

  if (!state.contains("second_pass.LayerNorm.weight")) {
    second_pass_.reset();
    return;
  }
  if (!second_pass_) {
    const auto table = [] { return make_parameter(at::empty({0, 0})); };
    const auto vector = [] { return make_parameter(at::empty({0})); };
    second_pass_ = SecondPassTables{table(), table(), {vector(), vector()}};
  }
  const std::int64_t kept = state.require("second_pass.LayerNorm.weight").numel();
  place(second_pass_->position, state.require("second_pass.position_embeddings.weight",
                                              {config_.max_position_embeddings, kept}));
  place(second_pass_->token_type,
        state.require("second_pass.token_type_embeddings.weight", {config_.type_vocab_size, kept}));
  place_norm(state, "second_pass.LayerNorm", second_pass_->norm, kept);
}

void Encoder::load_layer(StateReader& state, std::int64_t index) {
  const auto position = static_cast<std::size_t>(index);
  const std::string start = layer_prefix(position);
  Layer& layer = layers_[position];
  if (contains_any(state, start,
                   {"attention.self.query", "attention.self.key", "attention.self.value",
                    "attention.output.dense"})) {
    if (!layer.attention) {
      layer.attention = AttentionBlock{new_affine(), new_affine(), new_affine(), new_affine()};
    }
    load_attention(state, start, config_, width(), *layer.attention);
    place_norm(state, start + "attention.output.LayerNorm", layer.attention_norm, width());
  } else {
    layer.attention.reset();
    place_unused_norm(state, start + "attention.output.LayerNorm", layer.attention_norm);
  }
  if (contains_any(state, start, {"intermediate.dense", "output.dense"})) {
    if (!layer.feed_forward) layer.feed_forward = FeedForwardBlock{new_affine(), new_affine()};
    load_feed_forward(state, start, config_, width(), *layer.feed_forward);
    place_norm(state, start + "output.LayerNorm", layer.feed_forward_norm, width());
  } else {
    layer.feed_forward.reset();
    place_unused_norm(state, start + "output.LayerNorm", layer.feed_forward_norm);
  }
}

void Encoder::draw_pooler() {
  at::Tensor fresh = at::empty({config_.hidden_size, width()});
  initialise("weight", fresh, config_.initializer_range);
  place(pooler_->weight, fresh);
  place(pooler_->bias, at::zeros({config_.hidden_size}));
}

void Encoder::ensure_pooler() {
  if (pooler_) return;
  pooler_ = new_affine();
  draw_pooler();
  register_all();
}

std::vector<std::string> Encoder::load(StateReader& state) {
  load_embeddings(state);
  for (std::int64_t index = 0; index < config_.num_hidden_layers; ++index) {
    load_layer(state, index);
  }
  std::vector<std::string> missing;
  const std::string name = prefix() + "pooler.dense";
  if (state.contains(name + ".weight")) {
    if (!pooler_) pooler_ = new_affine();
    place_pair(state, name, *pooler_, config_.hidden_size, width());
  } else if (pooler_) {
    missing = {name + ".weight", name + ".bias"};
    if (pooler_->weight.size(0) == 0 || pooler_->weight.size(1) != width()) {
      draw_pooler();
    }
  }
  register_all();
  return missing;
}

}  // namespace prumux::model

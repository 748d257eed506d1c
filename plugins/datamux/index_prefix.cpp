#include "index_prefix.h"

#include "layers.h"
#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {
namespace {

// Unused words of BERT's vocabularies, as the reference checkpoints were trained with.
constexpr std::int64_t kFillerToken = 680;
constexpr std::int64_t kFirstInstanceToken = 678;

void check_encoder(const MultiplexerArguments& arguments) {
  const EncoderConfig& encoder = arguments.encoder;
  const std::int64_t instances = arguments.num_instances;
  const auto refuse = [](const std::string& reason) {
    throw ConfigError("datamux: demuxing_variant index does not fit this model: " + reason);
  };
  if (encoder.model_type == "roberta") {
    refuse("its prefix tokens are words of BERT's vocabularies, but the model is a roberta");
  }
  if (encoder.vocab_size <= kFillerToken) {
    refuse("its prefix needs token " + std::to_string(kFillerToken) + ", but the vocabulary has " +
           std::to_string(encoder.vocab_size) + " tokens");
  }
  if (instances + 1 >= encoder.max_position_embeddings || instances > kFirstInstanceToken) {
    refuse("its prefix takes " + std::to_string(instances + 1) + " positions of " +
           std::to_string(encoder.max_position_embeddings));
  }
}

}  // namespace

struct IndexPrefix::Head final : torch::nn::Module {
  explicit Head(const EncoderConfig& encoder) {
    const std::int64_t width = encoder.hidden_size;
    dense = register_module("dense", make_linear(2 * width, width, encoder.initializer_range));
    layer_norm = register_module("layer_norm", make_layer_norm(width, encoder.layer_norm_eps));
  }

  std::int64_t input_width() const { return dense->weight.size(1) / 2; }

  at::Tensor key_half(const at::Tensor& keys) const {
    return at::linear(keys, dense->weight.narrow(1, 0, input_width()), dense->bias);
  }
  at::Tensor token_half(const at::Tensor& tokens) const {
    return at::linear(tokens, dense->weight.narrow(1, input_width(), input_width()));
  }
  at::Tensor finish(const at::Tensor& sum) { return layer_norm(at::gelu(sum)); }

  void prune_inputs(const at::Tensor& kept) {
    const at::Tensor columns = kept.to(dense->weight.device());
    replace(dense->weight,
            dense->weight.detach().index_select(1, at::cat({columns, columns + input_width()})));
  }

  void check(const std::string& name, std::int64_t inputs, std::int64_t width) const {
    check_linear(name + ".dense", dense, inputs, width);
    check_layer_norm(name + ".layer_norm", layer_norm, width);
  }

  torch::nn::Linear dense = nullptr;
  torch::nn::LayerNorm layer_norm = nullptr;
};

IndexPrefix::IndexPrefix(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : num_instances_(arguments.num_instances),
      hidden_size_(arguments.encoder.hidden_size),
      encoder_width_(arguments.encoder.hidden_size),
      cls_token_id_(arguments.cls_token_id) {
  check_encoder(arguments);
  task_head_ = root.register_module("demultiplexer", std::make_shared<Head>(arguments.encoder));
  vocabulary_head_ =
      root.register_module("retrieval_head", std::make_shared<Head>(arguments.encoder));
}

IndexPrefix::~IndexPrefix() = default;

TokenRows IndexPrefix::edit_tokens(const TokenRows& rows) const {
  const std::int64_t num_rows = rows.input_ids.size(0);
  const at::TensorOptions options = rows.input_ids.options();
  const at::Tensor instances = at::arange(num_instances_, options);
  at::Tensor prefix = at::full({num_instances_, num_instances_ + 1}, kFillerToken, options);
  prefix.diagonal().copy_(kFirstInstanceToken - instances);
  prefix.select(1, num_instances_).fill_(cls_token_id_);
  const at::Tensor of_row = at::arange(num_rows, options).remainder(num_instances_);
  return {
      at::cat({prefix.index_select(0, of_row), rows.input_ids}, 1),
      at::cat({rows.attention_mask.new_ones({num_rows, prefix_length()}), rows.attention_mask}, 1)};
}

void IndexPrefix::check_sequence(const at::Tensor& hidden) const {
  check_hidden(hidden, encoder_width_);
  if (hidden.size(1) < prefix_length()) {
    throw DataError("datamux: the hidden states have " + std::to_string(hidden.size(1)) +
                    " positions, expected at least the prefix of " +
                    std::to_string(prefix_length()));
  }
}

at::Tensor IndexPrefix::separate(const at::Tensor& hidden, const at::Tensor& positions) {
  check_sequence(hidden);
  check_indices("positions", positions, hidden.size(1));
  const at::Tensor keys = task_head_->key_half(hidden.narrow(1, 0, num_instances_)).unsqueeze(2);
  const at::Tensor tokens = task_head_->token_half(hidden.index_select(1, positions)).unsqueeze(1);
  return task_head_->finish(keys + tokens);
}

at::Tensor IndexPrefix::vocabulary_features(const at::Tensor& hidden,
                                            const TokenSelection& selection) {
  check_sequence(hidden);
  check_selection(selection, hidden, num_instances_);
  const at::Tensor states = hidden.flatten(0, 1);
  const at::Tensor first = selection.group * hidden.size(1);
  const at::Tensor keys = states.index_select(0, first + selection.instance);
  const at::Tensor tokens = states.index_select(0, first + selection.position);
  return vocabulary_head_->finish(vocabulary_head_->key_half(keys) +
                                  vocabulary_head_->token_half(tokens));
}

void IndexPrefix::prune_hidden(const at::Tensor& kept) {
  task_head_->prune_inputs(kept);
  vocabulary_head_->prune_inputs(kept);
  encoder_width_ = kept.numel();
}

void IndexPrefix::adopt_loaded_shapes(std::int64_t encoder_width) {
  task_head_->check("demultiplexer", 2 * encoder_width, hidden_size_);
  vocabulary_head_->check("retrieval_head", 2 * encoder_width, hidden_size_);
  encoder_width_ = encoder_width;
}

}  // namespace prumux::datamux

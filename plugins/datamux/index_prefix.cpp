#include "index_prefix.h"

#include "inference_forms.h"
#include "layers.h"
#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {
namespace {

constexpr const char* kOutputLayer = "dense_before_out_proj";

// The dense layer's input is [key ; token], each as wide as the encoder: its output is the sum of
// two halves, of which the keys' is computed once for each instance.

std::int64_t half_width(const DenseNorm& head) { return head.dense()->weight.size(1) / 2; }

at::Tensor key_half(const DenseNorm& head, const at::Tensor& keys) {
  const torch::nn::Linear& dense = head.dense();
  return at::linear(keys, dense->weight.narrow(1, 0, half_width(head)), dense->bias);
}

at::Tensor token_half(const DenseNorm& head, const at::Tensor& tokens) {
  const std::int64_t width = half_width(head);
  return at::linear(tokens, head.dense()->weight.narrow(1, width, width));
}

void prune_halves(DenseNorm& head, const at::Tensor& kept) {
  head.prune_inputs(at::cat({kept, kept + half_width(head)}));
}

}  // namespace

IndexPrefix::IndexPrefix(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : shape_(arguments), tokens_(prefix_tokens(arguments)) {
  const EncoderConfig& encoder = arguments.encoder;
  const auto add_head = [&](const char* name) {
    return root.register_module(
        name, std::make_shared<DenseNorm>("dense", "layer_norm", 2 * encoder.hidden_size, encoder));
  };
  task_head_ = add_head("demultiplexer");
  if (arguments.parameters.boolean("demux_output_layer")) {
    output_layer_ = task_head_->register_module(
        kOutputLayer,
        make_linear(encoder.hidden_size, encoder.hidden_size, encoder.initializer_range));
  }
  vocabulary_head_ = add_head("retrieval_head");
}

at::Tensor IndexPrefix::prefix() const {
  const std::int64_t instances = shape_.num_instances;
  at::Tensor prefix = at::full({instances, instances + 1}, tokens_.filler, at::kLong);
  prefix.diagonal().copy_(tokens_.first_instance - at::arange(instances));
  prefix.select(1, instances).fill_(tokens_.classification);
  return prefix;
}

TokenRows IndexPrefix::edit_tokens(const TokenRows& rows) const {
  const std::int64_t num_rows = rows.input_ids.size(0);
  const at::TensorOptions options = rows.input_ids.options();
  const at::Tensor of_row = at::arange(num_rows, options).remainder(shape_.num_instances);
  return {
      at::cat({prefix().to(options).index_select(0, of_row), rows.input_ids}, 1),
      at::cat({rows.attention_mask.new_ones({num_rows, prefix_length()}), rows.attention_mask}, 1)};
}

InferenceForm IndexPrefix::inference_form() const {
  const at::Tensor weight = task_head_->dense()->weight.detach();
  const std::int64_t width = half_width(*task_head_);
  SeparationForm separation;
  separation.key_weight = weight.narrow(1, 0, width);
  separation.token_weight = weight.narrow(1, width, width);
  separation.offsets =
      task_head_->dense()->bias.detach().expand({shape_.num_instances, shape_.hidden_size});
  separation.activation = Activation::gelu;
  separation.norm = norm_form(task_head_->norm());
  if (output_layer_) separation.layers.push_back(gelu_form(output_layer_, false));
  InferenceForm form;
  form.tokens.prefix = prefix();
  form.separation = separation;
  return form;
}

void IndexPrefix::check_prefix(const at::Tensor& hidden) const {
  if (hidden.size(1) < prefix_length()) {
    throw DataError("datamux: the hidden states have " + std::to_string(hidden.size(1)) +
                    " positions, expected at least the prefix of " +
                    std::to_string(prefix_length()));
  }
}

at::Tensor IndexPrefix::separate(const at::Tensor& hidden, const at::Tensor& positions) {
  shape_.check(hidden, positions);
  check_prefix(hidden);
  const at::Tensor keys =
      key_half(*task_head_, hidden.narrow(1, 0, shape_.num_instances)).unsqueeze(2);
  const at::Tensor tokens = token_half(*task_head_, hidden.index_select(1, positions)).unsqueeze(1);
  const at::Tensor features = task_head_->finish(keys + tokens);
  return output_layer_ ? at::gelu(output_layer_(features)) : features;
}

at::Tensor IndexPrefix::vocabulary_features(const at::Tensor& hidden,
                                            const TokenSelection& selection) {
  shape_.check(hidden, selection);
  check_prefix(hidden);
  const at::Tensor states = hidden.flatten(0, 1);
  const at::Tensor first = selection.group * hidden.size(1);
  const at::Tensor keys = states.index_select(0, first + selection.instance);
  const at::Tensor tokens = states.index_select(0, first + selection.position);
  return vocabulary_head_->finish(key_half(*vocabulary_head_, keys) +
                                  token_half(*vocabulary_head_, tokens));
}

void IndexPrefix::prune_hidden(const at::Tensor& kept) {
  prune_halves(*task_head_, kept);
  prune_halves(*vocabulary_head_, kept);
  shape_.encoder_width = kept.numel();
}

void IndexPrefix::adopt_loaded_shapes(std::int64_t encoder_width) {
  task_head_->check("demultiplexer", 2 * encoder_width, shape_.hidden_size);
  if (output_layer_) {
    check_linear(std::string("demultiplexer.") + kOutputLayer, output_layer_, shape_.hidden_size,
                 shape_.hidden_size);
  }
  vocabulary_head_->check("retrieval_head", 2 * encoder_width, shape_.hidden_size);
  shape_.encoder_width = encoder_width;
}

}  // namespace prumux::datamux

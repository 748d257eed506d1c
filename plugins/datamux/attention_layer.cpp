#include "attention_layer.h"

#include <ATen/ATen.h>

#include <cmath>

#include "layers.h"

namespace prumux::datamux {
namespace {

// What transformers added to the scores of masked positions when the reference was trained.
constexpr double kMaskedScore = -10000.0;

std::shared_ptr<torch::nn::Module> add_level(torch::nn::Module& parent, const char* name) {
  return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

}  // namespace

AttentionLayer::AttentionLayer(const EncoderConfig& encoder)
    : width_(encoder.hidden_size),
      intermediate_size_(encoder.intermediate_size),
      num_heads_(encoder.num_attention_heads),
      hidden_dropout_(encoder.hidden_dropout_prob),
      attention_dropout_(encoder.attention_probs_dropout_prob) {
  const auto linear = [&](std::int64_t inputs, std::int64_t outputs) {
    return make_linear(inputs, outputs, encoder.initializer_range);
  };
  const auto norm = [&] { return make_layer_norm(width_, encoder.layer_norm_eps); };
  const auto attention = add_level(*this, "attention");
  const auto self = add_level(*attention, "self");
  query_ = self->register_module("query", linear(width_, width_));
  key_ = self->register_module("key", linear(width_, width_));
  value_ = self->register_module("value", linear(width_, width_));
  const auto attention_output = add_level(*attention, "output");
  attention_output_ = attention_output->register_module("dense", linear(width_, width_));
  attention_norm_ = attention_output->register_module("LayerNorm", norm());
  intermediate_ = add_level(*this, "intermediate")
                      ->register_module("dense", linear(width_, intermediate_size_));
  const auto output = add_level(*this, "output");
  output_ = output->register_module("dense", linear(intermediate_size_, width_));
  output_norm_ = output->register_module("LayerNorm", norm());
}

at::Tensor AttentionLayer::with_dropout(const at::Tensor& x) const {
  return at::dropout(x, hidden_dropout_, is_training());
}

at::Tensor AttentionLayer::attend(const at::Tensor& x, const at::Tensor& mask,
                                  const at::Tensor& queries) {
  const auto heads = [&](const at::Tensor& states) {
    return states.unflatten(2, {num_heads_, -1}).transpose(1, 2);
  };
  const std::int64_t head_size = width_ / num_heads_;
  const double scale = std::sqrt(static_cast<double>(head_size));
  at::Tensor scores = at::matmul(heads(query_(queries)), heads(key_(x)).transpose(2, 3)) / scale;
  if (mask.defined()) {
    scores = scores + (1 - mask.to(scores.options())).mul(kMaskedScore).unsqueeze(1).unsqueeze(1);
  }
  const at::Tensor probabilities =
      at::dropout(at::softmax(scores, -1), attention_dropout_, is_training());
  return at::matmul(probabilities, heads(value_(x))).transpose(1, 2).flatten(2);
}

at::Tensor AttentionLayer::forward(const at::Tensor& x, const at::Tensor& mask,
                                   std::int64_t query_positions) {
  const at::Tensor queries = x.narrow(1, 0, query_positions);
  const at::Tensor attended =
      attention_norm_(queries + with_dropout(attention_output_(attend(x, mask, queries))));
  return output_norm_(attended + with_dropout(output_(at::gelu(intermediate_(attended)))));
}

void AttentionLayer::check(const std::string& name) const {
  check_linear(name + ".attention.self.query", query_, width_, width_);
  check_linear(name + ".attention.self.key", key_, width_, width_);
  check_linear(name + ".attention.self.value", value_, width_, width_);
  check_linear(name + ".attention.output.dense", attention_output_, width_, width_);
  check_layer_norm(name + ".attention.output.LayerNorm", attention_norm_, width_);
  check_linear(name + ".intermediate.dense", intermediate_, width_, intermediate_size_);
  check_linear(name + ".output.dense", output_, intermediate_size_, width_);
  check_layer_norm(name + ".output.LayerNorm", output_norm_, width_);
}

std::shared_ptr<AttentionLayer> add_attention_layer(torch::nn::Module& root, const char* name,
                                                    const EncoderConfig& encoder) {
  return root.register_module(name, std::make_shared<AttentionLayer>(encoder));
}

}  // namespace prumux::datamux

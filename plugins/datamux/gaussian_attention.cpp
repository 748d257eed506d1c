#include "gaussian_attention.h"

#include <ATen/ATen.h>

#include "layers.h"
#include "presence.h"

namespace prumux::datamux {
namespace {

// The reference leaves this LayerNorm at the library's default.
constexpr double kCrossNormEpsilon = 1e-5;

}  // namespace

GaussianAttention::GaussianAttention(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : AttentionMuxing(root, arguments),
      attention_(add_attention_layer(root, "muxing_attention", arguments.encoder)) {
  const std::int64_t width = arguments.encoder.hidden_size;
  cross_instances_ = root.register_module(
      "cross_instances_linear", make_linear(width, width, arguments.encoder.initializer_range));
  cross_norm_ =
      root.register_module("cross_instances_layernorm", make_layer_norm(width, kCrossNormEpsilon));
}

at::Tensor GaussianAttention::mix(const at::Tensor& embeddings, const at::Tensor& token_mask,
                                  const at::Tensor& counted) {
  const at::Tensor inputs = scaled(embeddings);
  const at::Tensor context =
      cross_norm_(at::gelu(cross_instances_(mean_over_instances(inputs, counted))));
  const at::Tensor attended =
      over_positions(*attention_, inputs, attends_to_padding() ? at::Tensor() : token_mask);
  return mean_over_instances(attended + context.unsqueeze(1), counted);
}

void GaussianAttention::check_layers() const {
  attention_->check("muxing_attention");
  check_linear("cross_instances_linear", cross_instances_, hidden_size(), hidden_size());
  check_layer_norm("cross_instances_layernorm", cross_norm_, hidden_size());
}

}  // namespace prumux::datamux

#include "@NAME@.h"

#include <ATen/ATen.h>

#include "prumux/error.h"

namespace @NAME@ {

@CLASS@::@CLASS@(const prumux::MultiplexerArguments& arguments)
    : num_instances_(arguments.num_instances), padding_(arguments.padding) {
  const std::int64_t width = arguments.encoder.hidden_size;
  // Random numbers come from libtorch's default generator, which the host seeds.
  signs_ = register_buffer("signs", at::randint(0, 2, {num_instances_, width}) * 2.0 - 1.0);
  kept_ = register_buffer("kept", at::arange(width));
  scales_ = register_buffer("scales", at::ones({width}));
  weight_ = register_parameter("weight", at::eye(width));
  bias_ = register_parameter(
      "bias", at::randn({num_instances_, width}) * arguments.parameters.real("bias_range"));
}

at::Tensor @CLASS@::mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) {
  const at::Tensor marked =
      embeddings.index_select(3, kept_) * (signs_ * scales_).unsqueeze(1);  // [B, N, L, d']
  if (padding_ == prumux::PaddingSemantics::attended) return marked.sum(1).div(num_instances_);
  // Only instances that have a token at a position count there.
  const at::Tensor counts = attention_mask.to(marked.scalar_type()).unsqueeze(3);
  return (marked * counts).sum(1) / counts.sum(1).clamp_min(1.0);
}

at::Tensor @CLASS@::clean_up(const at::Tensor& unmarked) const {
  return at::linear(unmarked, weight_);
}

at::Tensor @CLASS@::demux(const at::Tensor& hidden, const at::Tensor& positions) {
  const at::Tensor wanted = hidden.index_select(1, positions).unsqueeze(1);  // [B, 1, P, d']
  const at::Tensor features = clean_up(wanted * signs_.unsqueeze(1));        // [B, N, P, d]
  return at::gelu(features + bias_.unsqueeze(1));
}

at::Tensor @CLASS@::vocabulary_features(const at::Tensor& hidden,
                                        const prumux::TokenSelection& selection) {
  const at::Tensor wanted = hidden.index({selection.group, selection.position});  // [M, d']
  const at::Tensor features = clean_up(wanted * signs_.index_select(0, selection.instance));
  return at::gelu(features + bias_.index_select(0, selection.instance));
}

void @CLASS@::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  const at::NoGradGuard no_gradient;
  signs_.set_data(signs_.index_select(1, kept));
  scales_.set_data(scales_.index_select(0, kept) * scales);
  kept_.set_data(kept_.index_select(0, kept));
  weight_.set_data(weight_.index_select(1, kept));
}

void @CLASS@::adopt_loaded_shapes(std::int64_t encoder_width) {
  for (const at::Tensor& tensor : {signs_, kept_, scales_, weight_}) {
    if (tensor.size(-1) != encoder_width) {
      throw prumux::DataError("@NAME@: a tensor of the checkpoint has " +
                              std::to_string(tensor.size(-1)) + " columns, expected " +
                              std::to_string(encoder_width));
    }
  }
}

}  // namespace @NAME@

#include "attention_muxing.h"

#include <ATen/ATen.h>

#include "gaussian_vectors.h"
#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {

namespace {

const MultiplexerArguments& with_whole_heads(const MultiplexerArguments& arguments) {
  const EncoderConfig& encoder = arguments.encoder;
  if (encoder.hidden_size % encoder.num_attention_heads != 0) {
    throw ConfigError(
        "datamux: attention over the inputs needs a hidden size that is a multiple of the number "
        "of heads, but they are " +
        std::to_string(encoder.hidden_size) + " and " +
        std::to_string(encoder.num_attention_heads));
  }
  if (arguments.parameters.boolean("muxing_attends_to_padding") &&
      arguments.padding == PaddingSemantics::masked) {
    throw ConfigError(
        "datamux: muxing_attends_to_padding contradicts masked padding: it is for checkpoints of "
        "the reference, whose encoder attends to padding too");
  }
  return arguments;
}

}  // namespace

AttentionMuxing::AttentionMuxing(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : hidden_size_(with_whole_heads(arguments).encoder.hidden_size),
      num_instances_(arguments.num_instances),
      padding_(arguments.padding),
      attends_to_padding_(arguments.parameters.boolean("muxing_attends_to_padding")),
      vectors_(root.register_parameter("instance_embedding", draw_gaussian_vectors(arguments),
                                       arguments.parameters.boolean("learn_muxing"))),
      output_(root, hidden_size_) {}

at::Tensor AttentionMuxing::over_positions(AttentionLayer& layer, const at::Tensor& x,
                                           const at::Tensor& mask) {
  return layer.forward(x.flatten(0, 1), mask.defined() ? mask.flatten(0, 1) : mask, x.size(2))
      .view_as(x);
}

at::Tensor AttentionMuxing::combine(const at::Tensor& embeddings,
                                    const at::Tensor& attention_mask) {
  if (embeddings.size(3) != hidden_size()) {
    throw DataError("datamux: the embeddings have width " + std::to_string(embeddings.size(3)) +
                    ", expected " + std::to_string(hidden_size()));
  }
  const bool masked = padding_ == PaddingSemantics::masked;
  return output_.apply(mix(embeddings, attention_mask, masked ? attention_mask : at::Tensor()));
}

void AttentionMuxing::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  output_.prune(kept, scales);
}

void AttentionMuxing::adopt_loaded_shapes(std::int64_t encoder_width) {
  check_shape("instance_embedding", vectors_, {num_instances_, hidden_size()});
  check_layers();
  output_.adopt_loaded_shapes(encoder_width);
}

}  // namespace prumux::datamux

#include "hadamard.h"

#include "presence.h"
#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {

Hadamard::Hadamard(torch::nn::Module& root, const MultiplexerArguments& arguments,
                   const at::Tensor& vectors)
    : num_instances_(arguments.num_instances),
      padding_(arguments.padding),
      vectors_(root.register_parameter("instance_embedding", vectors,
                                       arguments.parameters.boolean("learn_muxing"))),
      // A mask, since indices would not survive a conversion of the model to bfloat16.
      kept_mask_(root.register_buffer("instance_kept_hidden", at::empty({0}, at::kLong))) {}

at::Tensor Hadamard::combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) {
  const std::int64_t width = kept_.defined() ? kept_mask_.numel() : vectors_.size(1);
  if (embeddings.size(3) != width) {
    throw DataError("datamux: the embeddings have width " + std::to_string(embeddings.size(3)) +
                    ", expected " + std::to_string(width));
  }
  const at::Tensor kept =
      kept_.defined() ? embeddings.index_select(3, kept_.to(embeddings.device())) : embeddings;
  const bool masked = padding_ == PaddingSemantics::masked;
  return mean_over_instances(kept * vectors_.unsqueeze(1), masked ? attention_mask : at::Tensor());
}

std::optional<MixForm> Hadamard::mix_form() const { return MixForm{vectors_.detach(), kept_}; }

at::Tensor Hadamard::unmixing(std::int64_t instance) const {
  return vectors_.detach()[instance].diag();
}

void Hadamard::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  const std::int64_t encoder_width = vectors_.size(1);
  const at::Tensor columns = kept.to(vectors_.device());
  replace(vectors_, vectors_.detach().index_select(1, columns) * scales.to(vectors_.options()));
  if (kept.numel() == encoder_width) {
    return;
  }
  const std::int64_t width = kept_.defined() ? kept_mask_.numel() : encoder_width;
  kept_ = kept_.defined() ? kept_.index_select(0, kept.to(kept_.device())) : columns.clone();
  kept_mask_.set_data(at::zeros({width}, kept_.options()).index_fill_(0, kept_, 1));
}

void Hadamard::adopt_loaded_shapes(std::int64_t encoder_width) {
  check_shape("instance_embedding", vectors_, {num_instances_, encoder_width});
  if (kept_mask_.numel() == 0) {
    kept_.reset();
    return;
  }
  const at::Tensor kept = kept_mask_.flatten().nonzero().squeeze(1);
  if (kept.numel() != encoder_width) {
    throw DataError("tensor 'instance_kept_hidden' keeps " + std::to_string(kept.numel()) +
                    " hidden dimensions, expected " + std::to_string(encoder_width) +
                    ", the width of the encoder");
  }
  kept_ = kept;
}

}  // namespace prumux::datamux

#include "random_orthogonal.h"

#include <ATen/ATen.h>

#include <cmath>
#include <tuple>

#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {
namespace {

/// Independent matrices of the Haar distribution: Q of a Gaussian matrix, with the signs that make
/// the decomposition unique.
at::Tensor draw_matrices(std::int64_t count, std::int64_t width) {
  const auto [q, r] = at::linalg_qr(at::randn({count, width, width}));
  return (q * r.diagonal(0, 1, 2).sign().unsqueeze(1)).contiguous();
}

}  // namespace

RandomOrthogonal::RandomOrthogonal(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : num_instances_(arguments.num_instances),
      hidden_size_(arguments.encoder.hidden_size),
      padding_(arguments.padding),
      matrices_(root.register_parameter("instance_embedding",
                                        draw_matrices(num_instances_, hidden_size_),
                                        arguments.parameters.boolean("learn_muxing"))) {}

at::Tensor RandomOrthogonal::combine(const at::Tensor& embeddings,
                                     const at::Tensor& attention_mask) {
  if (embeddings.size(3) != hidden_size_) {
    throw DataError("datamux: the embeddings have width " + std::to_string(embeddings.size(3)) +
                    ", expected " + std::to_string(hidden_size_));
  }
  if (padding_ == PaddingSemantics::attended) {
    return at::einsum("nij,bnlj->bli", {matrices_, embeddings}) /
           std::sqrt(static_cast<double>(num_instances_));
  }
  const at::Tensor present = attention_mask.to(embeddings.options()).unsqueeze(3);
  return at::einsum("nij,bnlj->bli", {matrices_, embeddings * present}) /
         present.sum(1).clamp_min(1).sqrt();
}

void RandomOrthogonal::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  replace(matrices_, matrices_.detach().index_select(1, kept.to(matrices_.device())) *
                         scales.to(matrices_.options()).unsqueeze(1));
}

void RandomOrthogonal::adopt_loaded_shapes(std::int64_t encoder_width) {
  check_shape("instance_embedding", matrices_, {num_instances_, encoder_width, hidden_size_});
}

}  // namespace prumux::datamux

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

/// As `draw_matrices`, with determinant 1.
at::Tensor draw_rotation(std::int64_t width) {
  const at::Tensor matrix = draw_matrices(1, width)[0];
  if (at::linalg_det(matrix).item<float>() < 0) {
    matrix.select(1, 0).neg_();
  }
  return matrix;
}

at::Tensor draw_low_rank_matrices(const MultiplexerArguments& arguments) {
  const std::int64_t instances = arguments.num_instances;
  const std::int64_t width = arguments.encoder.hidden_size;
  const std::int64_t rank = width / instances;
  if (rank == 0) {
    throw ConfigError(
        "datamux: random_ortho_low_rank gives each instance its own hidden dimensions, but there "
        "are " +
        std::to_string(instances) + " instances and " + std::to_string(width) + " dimensions");
  }
  const at::Tensor blocks = draw_rotation(width);
  const at::Tensor shared = draw_rotation(width);
  at::Tensor matrices = at::empty({instances, width, width});
  for (std::int64_t i = 0; i < instances; ++i) {
    at::Tensor block = at::zeros({width, width});
    block.narrow(1, i * rank, rank).copy_(blocks.narrow(1, i * rank, rank));
    matrices[i].copy_(at::matmul(shared, block.t()));
  }
  return matrices;
}

}  // namespace

OrthogonalMuxing::OrthogonalMuxing(torch::nn::Module& root, const MultiplexerArguments& arguments,
                                   const at::Tensor& matrices)
    : num_instances_(arguments.num_instances),
      hidden_size_(arguments.encoder.hidden_size),
      padding_(arguments.padding),
      matrices_(root.register_parameter("instance_embedding", matrices,
                                        arguments.parameters.boolean("learn_muxing"))) {}

at::Tensor OrthogonalMuxing::combine(const at::Tensor& embeddings,
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

std::optional<MixForm> OrthogonalMuxing::mix_form() const {
  return MixForm{matrices_.detach(), {}, 0.5};
}

at::Tensor OrthogonalMuxing::unmixing(std::int64_t instance) const {
  return matrices_.detach()[instance].t();
}

void OrthogonalMuxing::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  replace(matrices_, matrices_.detach().index_select(1, kept.to(matrices_.device())) *
                         scales.to(matrices_.options()).unsqueeze(1));
}

void OrthogonalMuxing::adopt_loaded_shapes(std::int64_t encoder_width) {
  check_shape("instance_embedding", matrices_, {num_instances_, encoder_width, hidden_size_});
}

RandomOrthogonal::RandomOrthogonal(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : OrthogonalMuxing(root, arguments,
                       draw_matrices(arguments.num_instances, arguments.encoder.hidden_size)) {}

RandomOrthogonalLowRank::RandomOrthogonalLowRank(torch::nn::Module& root,
                                                 const MultiplexerArguments& arguments)
    : OrthogonalMuxing(root, arguments, draw_low_rank_matrices(arguments)) {}

}  // namespace prumux::datamux

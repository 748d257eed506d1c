#include "gaussian_hadamard.h"

namespace prumux::datamux {
namespace {

at::Tensor draw_vectors(const MultiplexerArguments& arguments) {
  const at::Tensor vectors = at::randn({arguments.num_instances, arguments.encoder.hidden_size});
  return vectors * (arguments.parameters.real("gaussian_hadamard_norm") /
                    vectors.norm(2, /*dim=*/1, /*keepdim=*/true));
}

}  // namespace

GaussianHadamard::GaussianHadamard(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : Hadamard(root, arguments, draw_vectors(arguments)) {}

}  // namespace prumux::datamux

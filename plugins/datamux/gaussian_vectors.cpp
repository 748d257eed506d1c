#include "gaussian_vectors.h"

#include <ATen/ATen.h>

namespace prumux::datamux {

at::Tensor draw_gaussian_vectors(const MultiplexerArguments& arguments) {
  const at::Tensor vectors = at::randn({arguments.num_instances, arguments.encoder.hidden_size});
  return vectors * (arguments.parameters.real("gaussian_hadamard_norm") /
                    vectors.norm(2, /*dim=*/1, /*keepdim=*/true));
}

}  // namespace prumux::datamux

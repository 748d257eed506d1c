#pragma once

#include <ATen/core/Tensor.h>

#include "prumux/multiplexer.h"

namespace prumux::datamux {

/// [N, d]: a random direction for each instance, of the norm `gaussian_hadamard_norm` (spec 3.1).
at::Tensor draw_gaussian_vectors(const MultiplexerArguments& arguments);

}  // namespace prumux::datamux

#pragma once

#include "hadamard.h"

namespace prumux::datamux {

/// Hadamard multiplexing with Gaussian vectors of the norm `gaussian_hadamard_norm` (spec 3.1).
class GaussianHadamard final : public Hadamard {
 public:
  GaussianHadamard(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

}  // namespace prumux::datamux

#include "gaussian_hadamard.h"

#include "gaussian_vectors.h"

namespace prumux::datamux {

GaussianHadamard::GaussianHadamard(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : Hadamard(root, arguments, draw_gaussian_vectors(arguments)) {}

}  // namespace prumux::datamux

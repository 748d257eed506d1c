#pragma once

#include "hadamard.h"

namespace prumux::datamux {

/// Hadamard multiplexing with vectors of 0 and 1: each instance has its own chunk of the hidden
/// dimensions, widened into its neighbours' by `binary_hadamard_epsilon` of a chunk (spec 3.2).
class BinaryHadamard final : public Hadamard {
 public:
  /// Throws `ConfigError` when there are more instances than hidden dimensions.
  BinaryHadamard(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

}  // namespace prumux::datamux

#pragma once

#include <cstddef>

#include "core/runtime/network/network.h"
#include "core/runtime/network/product.h"

namespace prumux::runtime {

/// From the hidden states that are read to logits: separation of the instances, then the
/// classifier.
class HeadPass {
 public:
  HeadPass(const Network& network, const kernels::Kernels& kernels)
      : network_(network), kernels_(kernels) {}

  /// states [groups, positions, d'] of `EncoderPass` -> logits [groups, N, labels]. With
  /// `separated`, states are features [groups * N, 1, width] that somebody else separated.
  void run(const float* states, std::size_t groups, bool separated, Workspace& workspace,
           float* logits) const;

 private:
  struct Instances {
    std::size_t first = 0;
    std::size_t count = 1;
  };

  Panels separate(const float* states, std::size_t groups, Instances instances,
                  Workspace& workspace) const;
  Panels classify(Panels features, std::size_t examples, Workspace& workspace) const;

  const Network& network_;
  const kernels::Kernels& kernels_;
};

}  // namespace prumux::runtime

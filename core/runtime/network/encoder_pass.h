#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "core/runtime/network/network.h"
#include "core/runtime/network/product.h"
#include "core/runtime/network/sequence.h"

namespace prumux::runtime {

/// Gets the hidden states of all tokens: of layer 0, the embedding, then of every layer.
using StatesObserver =
    std::function<void(std::size_t layer, const Panels& states, std::size_t tokens)>;

/// Takes some sequences through the whole encoder on one thread, so that what it reads again is
/// still in its cache and nobody waits for anybody.
class EncoderPass {
 public:
  EncoderPass(const Network& network, const kernels::Kernels& kernels)
      : network_(network), kernels_(kernels) {}

  /// Hidden states at the positions that are read, sequence after sequence: [positions, d'].
  void run(std::span<const Sequence> sequences, Workspace& workspace, float* output,
           const StatesObserver& observe = {}) const;

 private:
  /// A layer's tokens: those of every sequence, or only those that are read.
  struct Tokens {
    Panels states;
    std::size_t count = 0;
  };

  std::size_t last_attending_layer() const;
  Operands operands(const Panels& input, std::size_t tokens, OperandBuffer& buffer) const;
  /// `input` taken to the rank of a factorised weight, as operands; itself where there is none.
  Operands reduce(const std::optional<kernels::PackedMatrix>& reduction, const Operands& input,
                  std::size_t tokens, Workspace& workspace) const;
  void apply(const LinearWeights& weights, const Operands& input, const Panels& output,
             std::size_t tokens, kernels::Epilogue epilogue, Workspace& workspace) const;
  void attend(const AttentionWeights& weights, std::span<const Sequence> sequences,
              const Tokens& all, Tokens& reading, Workspace& workspace) const;
  void feed_forward(const FeedForwardWeights& weights, const Tokens& tokens,
                    Workspace& workspace) const;
  Tokens read_tokens(std::span<const Sequence> sequences, const Tokens& all,
                     Workspace& workspace) const;

  const Network& network_;
  const kernels::Kernels& kernels_;
};

}  // namespace prumux::runtime

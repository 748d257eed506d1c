#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

#include "prumux/encoder.h"
#include "prumux/export.h"
#include "prumux/parameters.h"

namespace prumux {

/// What the host knows when it makes a head.
struct HeadArguments {
  EncoderConfig encoder;           ///< The dense architecture.
  std::int64_t num_labels = 2;     ///< Classes; 1 in a regression.
  std::int64_t num_instances = 1;  ///< N of the model's multiplexer; features come separated.
  Parameters parameters;           ///< As the pipeline gives them.
};

/// What a model ends in: answers about whole texts from their last hidden states. A pipeline names
/// it under `head` of a `finetune` or `prune` stage, in place of the encoder's usual classifier,
/// and it stays with the model. R rows, P positions, d the dense hidden size.
///
/// The module's parameters and buffers are stored in the checkpoint under `head.` and their names,
/// and must have all their shapes once the head is made. Fresh weights come from libtorch's default
/// generator. The host restores hidden dimensions that were pruned (as zeros), so that a head
/// always sees width d. Only one thread uses an instance at a time. Errors are thrown as
/// `prumux::Error`.
class PRUMUX_EXPORT Head : public torch::nn::Module {
 public:
  ~Head() override;

  /// Positions of a row that `forward` reads, from the first on; 0: all. With fewer, the last layer
  /// computes fewer. The default reads the first.
  virtual std::int64_t read_positions() const;

  /// features [R, P, d] float32, or bfloat16 when the model computes in it; attention_mask [R, P]
  /// int64, 1 for tokens and 0 for padding, whose features mean nothing. P is the rows' length, or
  /// `read_positions()` where that is less. Returns logits [R, num_labels], each row from its own
  /// features only.
  virtual at::Tensor forward(const at::Tensor& features, const at::Tensor& attention_mask) = 0;
};

}  // namespace prumux

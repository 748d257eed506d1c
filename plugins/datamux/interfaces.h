#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "prumux/multiplexer.h"

namespace prumux::datamux {

// B groups of N instances, L positions; d: the model's dense width, d': the encoder's width.
// Every implementation registers its parameters on the module at the model's root, which gives
// them the names that they have in a checkpoint, and is constructible from that module and
// `MultiplexerArguments`. A new one is a class and a line in variants.cpp.

/// Combines N embedded instances into one sequence.
class Muxing {
 public:
  virtual ~Muxing();

  /// What `combine` computes, for runtimes; the default has no such form.
  virtual std::optional<MixForm> mix_form() const;

  /// embeddings [B, N, L, d], attention_mask [B, N, L] -> [B, L, d'].
  virtual at::Tensor combine(const at::Tensor& embeddings, const at::Tensor& attention_mask) = 0;

  /// [d, d]: the linear map that takes one instance out of the mix at best, what the others leave
  /// being noise; undefined where the mix is not linear.
  virtual at::Tensor unmixing(std::int64_t /*instance*/) const { return {}; }

  /// As `Multiplexer::prune_hidden`; `kept` is ascending and within the current d'.
  virtual void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) = 0;

  /// As `Multiplexer::adopt_loaded_shapes`.
  virtual void adopt_loaded_shapes(std::int64_t encoder_width) = 0;
};

/// Takes the hidden states of single instances out of the encoder's output.
class Demultiplexing {
 public:
  virtual ~Demultiplexing();

  virtual std::int64_t prefix_length() const { return 0; }
  virtual std::int64_t classification_position() const { return prefix_length(); }
  virtual TokenRows edit_tokens(const TokenRows& rows) const = 0;

  /// What `edit_tokens` and `separate` compute in evaluation mode, for runtimes.
  virtual InferenceForm inference_form() const = 0;

  /// hidden [B, L, d'], positions [P] -> [B, N, P, d].
  virtual at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) = 0;

  /// hidden [B, L, d'] -> [M, d].
  virtual at::Tensor vocabulary_features(const at::Tensor& hidden,
                                         const TokenSelection& selection) = 0;

  /// Fresh weights that undo `muxing` where its mix is linear; without effect where instances have
  /// no weights of their own.
  virtual void start_from(const Muxing& /*muxing*/) {}

  /// The encoder's hidden states keep only the dimensions `kept`, ascending, of the current d'.
  virtual void prune_hidden(const at::Tensor& kept) = 0;

  virtual void adopt_loaded_shapes(std::int64_t encoder_width) = 0;
  virtual std::vector<std::string> aliases(const std::string& parameter) const;
};

}  // namespace prumux::datamux

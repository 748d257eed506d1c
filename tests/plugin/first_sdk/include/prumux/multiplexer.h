#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/export.h"
#include "prumux/parameters.h"
#include "prumux/tensors.h"

namespace prumux {

/// What the encoder does with padding in a multiplexed sequence.
enum class PaddingSemantics {
  masked,    ///< A position is attended to when any instance has a token there.
  attended,  ///< Every position is attended to, as the reference PruMUX / MUX-PLM models do.
};

/// What the host knows when it makes a multiplexer.
struct MultiplexerArguments {
  EncoderConfig encoder;
  std::int64_t num_instances = 1;
  PaddingSemantics padding = PaddingSemantics::masked;
  std::int64_t cls_token_id = 101;
  Parameters parameters;
};

/// Rows of tokens. Row r belongs to group r / N and is instance r mod N of it.
struct TokenRows {
  at::Tensor input_ids;       ///< [B*N, L] int64.
  at::Tensor attention_mask;  ///< [B*N, L] int64, 1 for tokens and 0 for padding.
};

/// M tokens of a multiplexed batch: entry m is instance `instance[m]` of group `group[m]` at
/// `position[m]` of the edited row. Each is [M] int64.
struct TokenSelection {
  at::Tensor group;
  at::Tensor instance;
  at::Tensor position;
};

/// Combines N embedded inputs into one sequence, and takes the encoder's output apart again
/// (Murahari et al. 2022, DataMUX). B groups of N instances, L positions, d embedding width, d' the
/// encoder's width (d' < d after physical pruning).
///
/// The host mounts the module at the root of the model: its parameter names are the names in the
/// checkpoint. Only one thread uses an instance at a time. Errors are thrown as `prumux::Error`.
class PRUMUX_EXPORT Multiplexer : public torch::nn::Module {
 public:
  ~Multiplexer() override;

  virtual std::int64_t num_instances() const = 0;
  virtual PaddingSemantics padding() const = 0;

  /// Positions that `edit_tokens` puts in front of every row.
  virtual std::int64_t prefix_length() const { return 0; }

  /// Rows as the first embedding pass sees them (prefixes added, first token set). Never modifies
  /// its argument. The default returns the rows unchanged.
  virtual TokenRows edit_tokens(const TokenRows& rows) const;

  /// embeddings [B, N, L, d], attention_mask [B, N, L] -> [B, L, d'].
  virtual at::Tensor mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) = 0;

  /// hidden [B, L, d'], positions [P] int64 (of the edited row) -> [B, N, P, d]. Only these
  /// positions are separated.
  virtual at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) = 0;

  /// hidden [B, L, d'] -> [M, d], the features from which a vocabulary head reads the selected
  /// tokens: for token retrieval and masked-language modelling.
  virtual at::Tensor vocabulary_features(const at::Tensor& hidden,
                                         const TokenSelection& selection) = 0;

  /// Position, in the edited row, of the token that a sequence classifier reads.
  virtual std::int64_t classification_position() const { return prefix_length(); }

  /// Keeps the hidden dimensions `kept` [d'] (int64), each multiplied by `scales` [d'], in what
  /// `mux` returns, and expects hidden states of width d' from now on. `mux` still receives
  /// embeddings of width d. Must be exact: same results as masking the encoder's input.
  virtual void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) = 0;

  /// Other names under which a checkpoint may hold `parameter` (aliases of shared modules).
  virtual std::vector<std::string> aliases(const std::string& parameter) const;

  /// Called after the host has put tensors of a checkpoint, of whatever shape, in place of the
  /// parameters: the module adopts the shapes or throws `DataError` naming the tensor.
  /// `encoder_width` is d'.
  virtual void adopt_loaded_shapes(std::int64_t encoder_width) = 0;

  /// The fields that describe this multiplexer in a model's config.json, as a JSON object.
  virtual std::string checkpoint_fields() const = 0;
};

}  // namespace prumux

#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/layer.h"
#include "core/model/selection.h"
#include "core/model/state_reader.h"
#include "prumux/encoder.h"
#include "prumux/tensors.h"

namespace prumux::model {

/// Words from features. In a multiplexed model the features come from the multiplexer and only the
/// decoder is ours (`retrieval_head.decoder`); in others a dense layer, gelu and LayerNorm come
/// first (BERT's `cls.predictions`, RoBERTa's `lm_head`). The decoder's matrix is the
/// word-embedding matrix as long as that one is whole (spec section 1.4).
class VocabularyHead : public torch::nn::Module {
 public:
  /// Fresh weights. Throws `ConfigError` for an encoder whose vocabulary head is not supported.
  VocabularyHead(const EncoderConfig& config, bool multiplexed, std::int64_t features);

  /// Whether the checkpoint holds a head for this encoder.
  static bool is_in(const StateReader& state, const EncoderConfig& config);

  /// features [M, d or d'], words [V, d] -> [M, V]. `words` is only used while tied.
  at::Tensor forward(const at::Tensor& features, const at::Tensor& words) const;

  bool tied() const { return !decoder_weight_.defined(); }
  /// Name of the decoder's matrix in a checkpoint, tied or not.
  const std::string& decoder_name() const { return names_.decoder; }
  const std::string& bias_name() const { return names_.bias; }
  const std::string& bias_alias() const { return names_.bias_alias; }
  /// Takes a copy of `words` as its own matrix.
  void untie(const at::Tensor& words);

  /// `words`: the word embeddings that were loaded. Returns the names that are missing.
  std::vector<std::string> load(StateReader& state, const at::Tensor& words, std::int64_t features);

  void prune_features(const UnitSelection& hidden);

  /// Without a tied decoder's matrix.
  NamedTensors named_tensors() const;

 private:
  struct Names {
    std::string dense;
    std::string norm;
    std::string decoder;
    std::string bias;
    std::string bias_alias;
  };
  static Names names_for(const EncoderConfig& config, bool multiplexed);
  void register_all();

  EncoderConfig config_;
  Names names_;
  bool may_tie_;
  std::optional<Affine> dense_;  ///< [d, d'].
  Norm norm_;
  at::Tensor decoder_weight_;  ///< [V, d]; undefined while tied.
  at::Tensor decoder_bias_;
};

}  // namespace prumux::model

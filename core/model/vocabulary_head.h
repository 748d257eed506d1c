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

/// Where the checkpoint holds the parts of a vocabulary head; empty for parts that it lacks.
struct VocabularyHeadNames {
  std::string dense;
  std::string norm;
  std::string decoder;
  std::string bias;
  std::string bias_alias;  ///< The same tensor again.
};

/// Whether a tensor of a checkpoint belongs to the vocabulary head of some encoder.
bool is_vocabulary_head(const std::string& name);

/// Words from features. In a multiplexed model the features come from the multiplexer and only the
/// decoder is ours (`retrieval_head.decoder`); in others a dense layer, gelu and LayerNorm come
/// first (BERT's `cls.predictions`, RoBERTa's `lm_head`, ELECTRA's `generator_predictions`, which
/// goes back to the width e of the embeddings; elsewhere e = d). The decoder's matrix is the
/// word-embedding matrix as long as that one is whole (spec section 1.4).
class VocabularyHead : public torch::nn::Module {
 public:
  /// Fresh weights.
  VocabularyHead(const EncoderConfig& config, bool multiplexed, std::int64_t features);

  /// Whether the checkpoint holds a head for this encoder.
  static bool is_in(const StateReader& state, const EncoderConfig& config);

  /// features [M, d or d'], words [V, e] -> [M, V]. `words` is only used while tied.
  at::Tensor forward(const at::Tensor& features, const at::Tensor& words) const;

  bool tied() const { return !decoder_weight_.defined(); }
  /// Name of the decoder's matrix in a checkpoint, tied or not.
  const std::string& decoder_name() const { return names_.decoder; }
  const std::string& bias_name() const { return names_.bias; }
  /// Another name of the bias, or an empty text.
  const std::string& bias_alias() const { return names_.bias_alias; }
  /// Width of the features that the decoder's matrix multiplies.
  std::int64_t decoder_width() const { return decoder_width_; }
  /// Takes a copy of `words` as its own matrix.
  void untie(const at::Tensor& words);

  /// `words`: the word embeddings that were loaded. Returns the names that are missing.
  std::vector<std::string> load(StateReader& state, const at::Tensor& words, std::int64_t features);

  void prune_features(const UnitSelection& hidden);

  /// Without a tied decoder's matrix.
  NamedTensors named_tensors() const;

 private:
  void register_all();

  EncoderConfig config_;
  VocabularyHeadNames names_;
  bool may_tie_;
  std::int64_t decoder_width_;
  std::optional<Affine> dense_;  ///< [e, d'].
  Norm norm_;
  at::Tensor decoder_weight_;  ///< [V, e], of a multiplexed model [V, d]; undefined while tied.
  at::Tensor decoder_bias_;
};

}  // namespace prumux::model

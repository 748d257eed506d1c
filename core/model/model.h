#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/model/config.h"
#include "prumux/compressor.h"
#include "prumux/multiplexer.h"
#include "prumux/structure.h"
#include "prumux/tensors.h"

namespace prumux::model {

class Encoder;         // embeddings and layers
class VocabularyHead;  // reads words from features

/// Rows of tokens, any number of them: an incomplete last group is filled by the model.
struct ModelInputs {
  at::Tensor input_ids;       ///< [R, L] int64.
  at::Tensor attention_mask;  ///< [R, L] int64; undefined: all ones.
  at::Tensor token_type_ids;  ///< [R, L] int64; undefined: zeros. Ignored by multiplexed models.
};

struct ForwardOptions {
  const StructureMasks* masks = nullptr;
  bool hidden_states = false;  ///< Record every layer's output.
};

/// Multiplexed hidden states of a batch, before any head.
struct EncodedGroups {
  std::vector<at::Tensor> hidden_states;  ///< Each [B, L', d']; only the last unless asked for all.
  TokenRows rows;                         ///< The edited rows [B*N, L'].
  std::int64_t num_rows = 0;              ///< Rows of the caller; the others fill the last group.
};

/// An encoder with its multiplexer (none for N = 1), sequence-classification and vocabulary heads.
/// Not thread-safe; shared parameters make concurrent const use of `forward` unsafe in training.
class Model : public torch::nn::Module {
 public:
  /// Fresh weights from libtorch's default generator (spec section 1.1).
  /// Throws `ConfigError` when the multiplexer's plugin is not there or refuses its parameters.
  explicit Model(const ModelConfig& config);
  ~Model() override;

  const ModelConfig& config() const { return config_; }
  std::int64_t num_instances() const { return config_.num_instances(); }
  bool physically_pruned() const;

  EncodedGroups encode(const ModelInputs& inputs, const ForwardOptions& options);

  /// Logits [R, num_labels] of the caller's rows.
  ForwardRecord forward(const ModelInputs& inputs, const ForwardOptions& options = {});

  /// Logits [M, vocab_size] of the selected tokens.
  at::Tensor vocabulary_logits(const EncodedGroups& encoded, const TokenSelection& selection);

  /// Trainable parameters under their checkpoint names, shared ones once.
  NamedTensors checkpoint_parameters() const;

  /// Everything that a checkpoint holds: parameters and buffers.
  TensorMap state() const;

  /// Puts tensors in place, adopting the shapes of a physically pruned checkpoint. Tensors that
  /// a head lacks stay as initialised; their names are returned. Throws `DataError` naming the
  /// tensor, its shape and the shape that config.json demands.
  std::vector<std::string> load_state(const TensorMap& state);

  /// Physical pruning: afterwards the outputs equal those under the masks of `plan` to 1e-5.
  void prune(const PrunePlan& plan);

  /// Replaces the classifier by a fresh one for another task.
  void reset_classifier(std::int64_t num_labels, const std::vector<std::string>& label_names);

  /// Parameters of the encoder's layers, LayerNorms included; and of the whole model.
  std::int64_t encoder_parameter_count() const;
  std::int64_t parameter_count() const;

 private:
  ModelConfig config_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Multiplexer> multiplexer_;
  std::shared_ptr<VocabularyHead> vocabulary_head_;
};

/// Reads a model directory (config.json, model.safetensors or pytorch_model.bin).
std::shared_ptr<Model> load_model(const std::filesystem::path& directory);

/// Writes config.json, model.safetensors and nothing else; each file is written beside its place,
/// synced and renamed.
void save_model(const Model& model, const std::filesystem::path& directory);

}  // namespace prumux::model

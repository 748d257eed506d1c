#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/config.h"
#include "prumux/compressor.h"
#include "prumux/multiplexer.h"
#include "prumux/structure.h"
#include "prumux/tensors.h"

namespace prumux::model {

class Encoder;             // embeddings, layers and pooler
class ClassificationHead;  // logits from feature vectors
class PluginHead;          // logits from the tokens of a text
class TaskHead;            // either of them
class VocabularyHead;      // words from features

/// Rows of tokens, any number of them: an incomplete last group is filled by the model, which
/// repeats the caller's rows from the first on.
struct ModelInputs {
  at::Tensor input_ids;       ///< [R, L] int64.
  at::Tensor attention_mask;  ///< [R, L] int64; undefined: all ones.
  at::Tensor token_type_ids;  ///< [R, L] int64; undefined: zeros. Ignored by multiplexed models.
};

struct ForwardOptions {
  /// Units that are zero cost nothing where their mask carries no gradient.
  const StructureMasks* masks = nullptr;
  bool zero_masks_are_constant = false;  ///< As `PRUMUX_ZERO_MASKS_ARE_CONSTANT` says.
  bool hidden_states = false;            ///< Record every layer's output.
  /// The last layer computes only so many positions from the first on; 0: all of them.
  std::int64_t last_layer_positions = 0;
};

/// Multiplexed hidden states of a batch, before any head.
struct EncodedGroups {
  /// Each [B, L', d']; only the last unless asked for all: embedding output, then every layer.
  std::vector<at::Tensor> hidden_states;
  TokenRows rows;             ///< The edited rows [B*N, L'].
  std::int64_t num_rows = 0;  ///< Rows of the caller; the others fill the last group.
};

/// An encoder with its multiplexer (none for N = 1), the head of its task and a vocabulary head.
/// Not thread-safe; shared parameters make concurrent const use of `forward` unsafe in training.
///
/// Masks act as differentiable physical pruning: the masked forward pass selects and scales weights
/// as `prune` does for good, so the two agree by construction (spec sections 7.3 and 7.6).
class Model : public torch::nn::Module {
 public:
  /// Fresh weights from libtorch's default generator (spec section 1.1).
  /// Throws `ConfigError` when the multiplexer's plugin is not there or refuses its parameters.
  explicit Model(const ModelConfig& config);
  ~Model() override;

  const ModelConfig& config() const { return config_; }
  std::int64_t num_instances() const { return config_.num_instances(); }
  bool physically_pruned() const;
  /// Positions that the multiplexer puts in front of every row; 0 without one.
  std::int64_t prefix_length() const { return multiplexer_ ? multiplexer_->prefix_length() : 0; }
  /// The multiplexer; null for a model of one instance.
  const std::shared_ptr<Multiplexer>& multiplexer() const { return multiplexer_; }
  const std::shared_ptr<Encoder>& encoder() const { return encoder_; }
  /// The encoder's usual classifier; null in a model with the head of a plugin.
  const std::shared_ptr<ClassificationHead>& classifier() const { return classifier_; }
  /// The head of a plugin; null in a model with the usual classifier.
  const std::shared_ptr<PluginHead>& plugin_head() const { return plugin_head_; }

  EncodedGroups encode(const ModelInputs& inputs, const ForwardOptions& options);

  /// The caller's rows, separated where they are multiplexed: [R, P, d], without prefixes. The
  /// first `positions` of them; 0: all.
  at::Tensor token_features(const EncodedGroups& encoded, std::int64_t positions = 0);

  /// Logits of the caller's rows, shaped as `HeadKind` says; prefixes of a multiplexer have none.
  at::Tensor classification_logits(const EncodedGroups& encoded);

  /// `encode` and `classification_logits`. Without `hidden_states` the last layer computes only
  /// what the classifier reads.
  ForwardRecord forward(const ModelInputs& inputs, const ForwardOptions& options = {});

  /// Whether there is a vocabulary head: always in a multiplexed model.
  bool has_vocabulary_head() const { return vocabulary_head_ != nullptr; }
  /// Adds a fresh one where there is none; before an optimiser takes the parameters.
  void ensure_vocabulary_head();

  /// Logits [M, vocab_size] of the selected tokens. Throws `ConfigError` without a head.
  at::Tensor vocabulary_logits(const EncodedGroups& encoded, const TokenSelection& selection);

  /// Parameters under their checkpoint names, shared ones once (a tied decoder has the name of the
  /// vocabulary head in a multiplexed model, of the word embeddings in others). Frozen ones and
  /// buffers too: `requires_grad` tells. The handles stay valid over `load_state` of equal shapes,
  /// not `prune`.
  NamedTensors checkpoint_parameters() const;

  /// Everything that a checkpoint holds: parameters and buffers.
  TensorMap state() const;

  /// Further names that other writers give to tensors of `state`: (name there, other name).
  std::vector<std::pair<std::string, std::string>> alias_names() const;

  /// Puts tensors in place, adopting the shapes of a physically pruned checkpoint. Tensors that
  /// a head lacks stay as initialised; their names are returned. Throws `DataError` naming the
  /// tensor, its shape and the shape that config.json demands.
  std::vector<std::string> load_state(const TensorMap& state);

  /// Physical pruning: afterwards the outputs equal those under the masks of `plan` to 1e-5. The
  /// plan counts the units that the model has now. Throws `DataError` when it does not fit.
  void prune(const PrunePlan& plan);

  /// Makes products of weights, as `Compressor::ranks` asks. Throws `DataError` naming a weight
  /// that is not there, is a product already, or has no such rank.
  void factorise(const std::map<std::string, std::int64_t>& ranks);

  /// Replaces the classifier by a fresh one for another task, with a pooler where it reads one, or
  /// by the head of a plugin. Throws `ConfigError` when the plugin is not there or refuses.
  void reset_classifier(std::int64_t num_labels, const std::vector<std::string>& label_names,
                        HeadKind kind = HeadKind::sequence,
                        const std::optional<HeadMethod>& method = std::nullopt);

  /// Calls the classifier's outputs by these names, as many as there are or none.
  void rename_labels(const std::vector<std::string>& label_names);

  /// What config.json is to say that the model was finetuned for.
  void set_finetuning_task(std::string task) { config_.finetuning_task = std::move(task); }

  /// Parameters of the encoder's layers, LayerNorms included; and of the whole model.
  std::int64_t encoder_parameter_count() const;
  std::int64_t parameter_count() const;

 private:
  enum class Weights { fresh, unset };
  Model(const ModelConfig& config, Weights weights);
  friend std::shared_ptr<Model> load_model(const std::filesystem::path& directory);

  void add_multiplexer();
  std::shared_ptr<ClassificationHead> usual_classifier() const;
  /// As `checkpoint_parameters`, without buffers.
  NamedTensors unique_parameters() const;
  TaskHead& head() const;
  /// Columns of the hidden states that the head reads.
  std::int64_t head_width() const;
  at::Tensor mix(const TokenRows& rows) const;
  at::Tensor token_logits(const EncodedGroups& encoded);
  at::Tensor plugin_logits(const EncodedGroups& encoded);
  /// Positions from the first on that the head reads, prefixes included; 0: all.
  std::int64_t read_positions() const;
  /// hidden [B, L', d'], positions [P] -> features of the instances [B*N, P, d].
  at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) const;

  ModelConfig config_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Multiplexer> multiplexer_;
  std::shared_ptr<ClassificationHead> classifier_;
  std::shared_ptr<PluginHead> plugin_head_;
  std::shared_ptr<VocabularyHead> vocabulary_head_;
};

/// Reads a model directory (config.json, model.safetensors or pytorch_model.bin). A config.json
/// that describes a multiplexer of another project beside weights without one is a plain model.
std::shared_ptr<Model> load_model(const std::filesystem::path& directory);

/// Writes config.json, model.safetensors and nothing else; each file is written beside its place,
/// synced and renamed.
void save_model(const Model& model, const std::filesystem::path& directory);

}  // namespace prumux::model

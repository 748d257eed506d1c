#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/embeddings.h"
#include "core/model/layer.h"
#include "core/model/selection.h"
#include "core/model/state_reader.h"
#include "prumux/encoder.h"
#include "prumux/tensors.h"

namespace prumux::model {

/// One pass through an encoder's layers.
struct EncoderPass {
  const StructureSelection* selection = nullptr;  ///< Null: everything as it is.
  at::Tensor attention_mask;                      ///< [B, L]; undefined: all attended.
  bool hidden_states = false;
  std::int64_t last_layer_positions = 0;  ///< As in `ForwardOptions`.
};

/// A BERT, RoBERTa or ELECTRA encoder of any pruned shape. Parameters are registered under their
/// names in a checkpoint. Pruning replaces them; loading equal shapes does not.
class Encoder : public torch::nn::Module {
 public:
  /// With `fresh_weights` from libtorch's default generator; otherwise without rows, for `load`.
  Encoder(const EncoderConfig& config, bool with_pooler, bool fresh_weights);

  /// Token ids [R, L] -> [R, L, d'], the first pass; `hidden` only in a model of one instance.
  at::Tensor embed(const at::Tensor& input_ids, const at::Tensor& token_type_ids,
                   const UnitSelection& hidden) const;

  /// Multiplexed embeddings [B, L, w] -> [B, L, d'], the second pass. w = `second_pass_width()`.
  at::Tensor embed_again(const at::Tensor& mixed, const UnitSelection& hidden) const;

  /// Embedding output [B, L, d'] -> hidden states, as `EncodedGroups` has them. Restored to the
  /// model's width under a selection.
  std::vector<at::Tensor> run(const at::Tensor& embedded, const EncoderPass& pass) const;

  /// [B, L, d'] -> [B, d], from the first position. Only with a pooler.
  at::Tensor pool(const at::Tensor& hidden) const;
  bool has_pooler() const { return pooler_.has_value(); }

  /// Columns of what the layers read and write.
  std::int64_t width() const;
  bool pruned() const;

  const EncoderConfig& config() const { return config_; }
  const EmbeddingTables& embeddings() const { return embeddings_; }
  const std::optional<SecondPassTables>& second_pass() const { return second_pass_; }
  const std::vector<Layer>& layers() const { return layers_; }
  const std::optional<Affine>& pooler() const { return pooler_; }
  /// Adds a fresh one where there is none.
  void ensure_pooler();

  /// Adopts the checkpoint's shapes. Returns the names of the pooler's tensors when it lacks them.
  std::vector<std::string> load(StateReader& state);

  /// For good. A multiplexed encoder keeps its first pass and gets tables for the second.
  void prune(const StructureSelection& selection, bool multiplexed);

  /// Makes products of weights, as `Compressor::ranks` asks. Throws `DataError` when there is no
  /// such weight of a layer, it is one already, or the rank is not one of its.
  void factorise(const std::map<std::string, std::int64_t>& ranks);
  /// Whether a weight of a layer is a product of two.
  bool factorised() const;

  /// Parameters of the layers.
  std::int64_t layer_parameter_count() const;

  /// Under their checkpoint names, in the order of registration.
  NamedTensors named_tensors() const;

  std::string prefix() const { return config_.model_type + "."; }

 private:
  void register_all();
  void draw_pooler();
  void load_embeddings(StateReader& state);
  void load_layer(StateReader& state, std::int64_t index);
  at::Tensor finish_embedding(const at::Tensor& sum, const Norm& norm,
                              const UnitSelection& hidden) const;
  LayerContext context_of(const EncoderPass& pass) const;
  std::string layer_prefix(std::size_t index) const;

  template <typename Self, typename Visitor>
  static void visit(Self& self, const Visitor& visitor);

  EncoderConfig config_;
  EmbeddingTables embeddings_;
  std::optional<SecondPassTables> second_pass_;
  std::vector<Layer> layers_;
  std::optional<Affine> pooler_;
};

}  // namespace prumux::model

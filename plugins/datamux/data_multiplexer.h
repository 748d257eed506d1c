#pragma once

#include <memory>
#include <string>
#include <vector>

#include "interfaces.h"
#include "prumux/multiplexer.h"

namespace prumux::datamux {

/// Data multiplexing: a muxing and a demultiplexing, each chosen by name. Its checkpoints have the
/// tensor names and config.json fields of PruMUX and MUX-PLM.
class DataMultiplexer final : public Multiplexer {
 public:
  /// Fresh weights from libtorch's default generator.
  /// Throws `ConfigError` when the number of instances or the pair of variants does not work.
  explicit DataMultiplexer(const MultiplexerArguments& arguments);
  ~DataMultiplexer() override;

  std::int64_t num_instances() const override { return num_instances_; }
  PaddingSemantics padding() const override { return padding_; }
  std::int64_t prefix_length() const override;
  TokenRows edit_tokens(const TokenRows& rows) const override;
  at::Tensor mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) override;
  at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override;
  std::int64_t classification_position() const override;
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override;
  std::vector<std::string> aliases(const std::string& parameter) const override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;
  std::string checkpoint_fields() const override;
  std::optional<InferenceForm> inference_form() const override;

 private:
  std::int64_t num_instances_;
  PaddingSemantics padding_;
  Parameters parameters_;
  std::int64_t encoder_width_;
  std::unique_ptr<Muxing> muxing_;
  std::unique_ptr<Demultiplexing> demultiplexing_;
};

}  // namespace prumux::datamux

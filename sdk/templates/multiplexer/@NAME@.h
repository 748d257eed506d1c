#pragma once

#include "prumux/multiplexer.h"

namespace @NAME@ {

/// Marks each instance by a fixed random vector of signs and adds the marked embeddings up; applies
/// the signs again to the encoder's output, and cleans it up with a dense layer that is learned.
class @CLASS@ : public prumux::Multiplexer {
 public:
  explicit @CLASS@(const prumux::MultiplexerArguments& arguments);

  std::int64_t num_instances() const override { return num_instances_; }
  prumux::PaddingSemantics padding() const override { return padding_; }

  at::Tensor mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) override;
  at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const prumux::TokenSelection& selection) override;

  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;
  std::string checkpoint_fields() const override { return "{}"; }

 private:
  at::Tensor clean_up(const at::Tensor& unmarked) const;

  std::int64_t num_instances_;
  prumux::PaddingSemantics padding_;
  at::Tensor signs_;   ///< [N, d'], 1 or -1.
  at::Tensor kept_;    ///< [d'] int64: columns of the embeddings that the encoder sees.
  at::Tensor scales_;  ///< [d']: factors of these columns.
  at::Tensor weight_;  ///< [d, d'], learned.
  at::Tensor bias_;    ///< [N, d], learned.
};

}  // namespace @NAME@

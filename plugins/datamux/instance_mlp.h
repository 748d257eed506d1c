#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <optional>

#include "demultiplexing_shape.h"
#include "dense_norm.h"
#include "interfaces.h"

namespace prumux::datamux {

/// `mlp`: separates by an MLP of its own for each instance, over the hidden state alone (spec 4.3).
class InstanceMlp final : public Demultiplexing {
 public:
  InstanceMlp(torch::nn::Module& root, const MultiplexerArguments& arguments);
  ~InstanceMlp() override;

  TokenRows edit_tokens(const TokenRows& rows) const override;
  InferenceForm inference_form() const override;
  at::Tensor separate(const at::Tensor& hidden, const at::Tensor& positions) override;
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override;
  void start_from(const Muxing& muxing) override;
  void prune_hidden(const at::Tensor& kept) override;
  void adopt_loaded_shapes(std::int64_t encoder_width) override;
  std::vector<std::string> aliases(const std::string& parameter) const override;

 private:
  struct Branches;

  bool shares_branches() const { return task_branches_ == vocabulary_branches_; }

  DemultiplexingShape shape_;
  std::optional<std::int64_t> first_token_;
  std::shared_ptr<DenseNorm> task_head_;        ///< `demultiplexer`.
  std::shared_ptr<DenseNorm> vocabulary_head_;  ///< `retrieval_head`, without its decoder.
  /// `demux_module`; DataMUX's RoBERTas have one below each head.
  std::shared_ptr<Branches> task_branches_;
  std::shared_ptr<Branches> vocabulary_branches_;
};

}  // namespace prumux::datamux

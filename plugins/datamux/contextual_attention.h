#pragma once

#include <functional>

#include "attention_muxing.h"

namespace prumux::datamux {

/// Contextual multiplexing (MUX-PLMs; spec 3.6): each input is read in its context by attention
/// over its positions, then the N inputs at each position mix by attention over the instances.
class ContextualAttention : public AttentionMuxing {
 protected:
  enum class Context { attention, none };
  enum class Result { mean_of_instances, query_token };

  ContextualAttention(torch::nn::Module& root, const MultiplexerArguments& arguments,
                      Context context, Result result);

 private:
  at::Tensor mix(const at::Tensor& embeddings, const at::Tensor& token_mask,
                 const at::Tensor& counted) final;
  void check_layers() const final;
  at::Tensor query_token(const at::Tensor& like) const;

  Result result_;
  std::function<at::Tensor(const at::Tensor&)> embed_tokens_;
  std::shared_ptr<AttentionLayer> context_;    ///< `muxing_attention`; null: without context.
  std::shared_ptr<AttentionLayer> instances_;  ///< `muxing_attention_2`.
};

/// `gaussian_attention_v2`: the mean of v_i * c_i and its mixed form, c_i in context.
class GaussianAttentionV2 final : public ContextualAttention {
 public:
  GaussianAttentionV2(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

/// `gaussian_attention_v2_no_context`: the same with c_i = e_i.
class GaussianAttentionV2NoContext final : public ContextualAttention {
 public:
  GaussianAttentionV2NoContext(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

/// `gaussian_attention_v2_cls_token`: a query token joins the N inputs of each position, and its
/// mixed form is the result.
class GaussianAttentionV2ClsToken final : public ContextualAttention {
 public:
  /// Throws `ConfigError` when the model has no token for the query.
  GaussianAttentionV2ClsToken(torch::nn::Module& root, const MultiplexerArguments& arguments);
};

}  // namespace prumux::datamux

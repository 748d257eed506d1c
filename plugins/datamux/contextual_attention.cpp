#include "contextual_attention.h"

#include <ATen/ATen.h>

#include "presence.h"
#include "prumux/error.h"

namespace prumux::datamux {
namespace {

// The reference's choice: the first unused word of BERT's vocabularies.
constexpr std::int64_t kQueryToken = 1;

const MultiplexerArguments& check_query_token(const MultiplexerArguments& arguments) {
  const EncoderConfig& encoder = arguments.encoder;
  if (encoder.vocab_size <= kQueryToken || encoder.pad_token_id == kQueryToken) {
    throw ConfigError(
        "datamux: muxing_variant gaussian_attention_v2_cls_token does not fit this model: its "
        "query is token 1, which is " +
        std::string(encoder.pad_token_id == kQueryToken ? "the padding" : "not in the vocabulary"));
  }
  return arguments;
}

}  // namespace

ContextualAttention::ContextualAttention(torch::nn::Module& root,
                                         const MultiplexerArguments& arguments, Context context,
                                         Result result)
    : AttentionMuxing(root, arguments),
      result_(result),
      embed_tokens_(arguments.embed_tokens),
      context_(context == Context::attention
                   ? add_attention_layer(root, "muxing_attention", arguments.encoder)
                   : nullptr),
      instances_(add_attention_layer(root, "muxing_attention_2", arguments.encoder)) {}

at::Tensor ContextualAttention::query_token(const at::Tensor& like) const {
  if (!embed_tokens_) {
    throw ConfigError(
        "datamux: gaussian_attention_v2_cls_token needs the embeddings of a model, but it was made "
        "without one");
  }
  return embed_tokens_(at::full({1, 1}, kQueryToken, like.options().dtype(at::kLong)));
}

at::Tensor ContextualAttention::mix(const at::Tensor& embeddings, const at::Tensor& token_mask,
                                    const at::Tensor& counted) {
  const at::Tensor in_context =
      context_ ? embeddings + over_positions(*context_, embeddings, token_mask) : embeddings;
  const at::Tensor inputs = scaled(in_context);
  const std::int64_t groups = inputs.size(0);
  const std::int64_t instances = inputs.size(1);
  const std::int64_t length = inputs.size(2);
  const auto by_position = [](const at::Tensor& x) { return x.transpose(1, 2).flatten(0, 1); };
  const at::Tensor sequences = by_position(inputs);  // [B*L, N, d]

  if (result_ == Result::query_token) {
    const at::Tensor query = query_token(inputs).to(sequences.options());
    const at::Tensor with_query =
        at::cat({query.expand({groups * length, 1, hidden_size()}), sequences}, 1);
    at::Tensor mask;
    if (counted.defined()) {
      const at::Tensor present = by_position(counted);
      mask = at::cat({at::ones_like(present.narrow(1, 0, 1)), present}, 1);
    }
    return instances_->forward(with_query, mask, 1).view({groups, length, hidden_size()});
  }
  const at::Tensor mask =
      attends_to_padding() || !token_mask.defined() ? at::Tensor() : by_position(token_mask);
  const at::Tensor mixed = instances_->forward(sequences, mask, instances)
                               .view({groups, length, instances, hidden_size()})
                               .transpose(1, 2);
  return mean_over_instances(inputs + mixed, counted);
}

void ContextualAttention::check_layers() const {
  if (context_) {
    context_->check("muxing_attention");
  }
  instances_->check("muxing_attention_2");
}

GaussianAttentionV2::GaussianAttentionV2(torch::nn::Module& root,
                                         const MultiplexerArguments& arguments)
    : ContextualAttention(root, arguments, Context::attention, Result::mean_of_instances) {}

GaussianAttentionV2NoContext::GaussianAttentionV2NoContext(torch::nn::Module& root,
                                                           const MultiplexerArguments& arguments)
    : ContextualAttention(root, arguments, Context::none, Result::mean_of_instances) {}

GaussianAttentionV2ClsToken::GaussianAttentionV2ClsToken(torch::nn::Module& root,
                                                         const MultiplexerArguments& arguments)
    : ContextualAttention(root, check_query_token(arguments), Context::attention,
                          Result::query_token) {}

}  // namespace prumux::datamux

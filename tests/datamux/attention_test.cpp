#include <gmock/gmock.h>

#include <cmath>

#include "prumux/error.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using testing::ThrowsMessage;

constexpr std::int64_t kHeads = 2;

/// The layer of spec section 1.1 by the names of a checkpoint, one head after the other.
struct ReferenceLayer {
  const DataMultiplexer& multiplexer;
  std::string name;

  at::Tensor linear(const std::string& part, const at::Tensor& x) const {
    const std::string full = name + "." + part;
    return at::matmul(x, tensor(multiplexer, full + ".weight").t()) +
           tensor(multiplexer, full + ".bias");
  }

  at::Tensor norm(const std::string& part, const at::Tensor& x) const {
    const at::Tensor centred = x - x.mean(-1, true);
    return centred / (centred.pow(2).mean(-1, true) + 1e-12).sqrt() *
               tensor(multiplexer, name + "." + part + ".weight") +
           tensor(multiplexer, name + "." + part + ".bias");
  }

  /// x [S, d], mask [S].
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& mask) const {
    const std::int64_t size = x.size(1) / kHeads;
    std::vector<at::Tensor> contexts;
    for (std::int64_t head = 0; head < kHeads; ++head) {
      const auto part = [&](const char* which) {
        return linear("attention.self." + std::string(which), x).narrow(1, head * size, size);
      };
      const at::Tensor scores =
          at::matmul(part("query"), part("key").t()) / std::sqrt(static_cast<double>(size));
      const at::Tensor weights = scores.exp() * mask;
      contexts.push_back(at::matmul(weights / weights.sum(1, true), part("value")));
    }
    const at::Tensor attended = norm("attention.output.LayerNorm",
                                     x + linear("attention.output.dense", at::cat(contexts, 1)));
    return norm(
        "output.LayerNorm",
        attended + linear("output.dense", at::gelu(linear("intermediate.dense", attended))));
  }
};

struct Case {
  at::Tensor embeddings = at::randn({1, 3, 4, 8});
  // Lengths 4, 2 and 3.
  at::Tensor mask = torch::tensor({1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0}, at::kLong).view({1, 3, 4});

  static std::shared_ptr<DataMultiplexer> make(const std::string& muxing) {
    MultiplexerArguments arguments = small_arguments(3);
    arguments.padding = PaddingSemantics::masked;
    arguments.parameters.set("muxing_variant", muxing);
    return make_random(arguments);
  }

  /// v_i * (e_i + attention over e_i): [N, L, d].
  at::Tensor in_context(const DataMultiplexer& multiplexer) const {
    const ReferenceLayer layer{multiplexer, "muxing_attention"};
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < 3; ++i) {
      const at::Tensor row = embeddings[0][i];
      rows.push_back((row + layer(row, mask[0][i])) * tensor(multiplexer, "instance_embedding")[i]);
    }
    return at::stack(rows);
  }
};

TEST(ContextualAttention, MixesTheInstancesThatHaveAToken) {
  const Case sample;
  const auto multiplexer = Case::make("gaussian_attention_v2");
  const at::Tensor inputs = sample.in_context(*multiplexer);
  const ReferenceLayer layer{*multiplexer, "muxing_attention_2"};
  const at::Tensor mixed = multiplexer->mux(sample.embeddings, sample.mask);
  for (std::int64_t position = 0; position < 4; ++position) {
    const at::Tensor present = sample.mask[0].select(1, position);
    const at::Tensor sequence = inputs.select(1, position);
    const at::Tensor results = sequence + layer(sequence, present);
    const at::Tensor expected = (results * present.unsqueeze(1)).sum(0) / present.sum();
    EXPECT_LT(distance(mixed[0][position], expected), kTolerance) << "position " << position;
  }
}

TEST(ContextualAttentionWithAQueryToken, TakesTheMixedFormOfTheQuery) {
  const Case sample;
  const auto multiplexer = Case::make("gaussian_attention_v2_cls_token");
  const at::Tensor inputs = sample.in_context(*multiplexer);
  const ReferenceLayer layer{*multiplexer, "muxing_attention_2"};
  const at::Tensor mixed = multiplexer->mux(sample.embeddings, sample.mask);
  const at::Tensor query = at::full({1, 8}, 0.25);  // The embedding of token 1.
  for (std::int64_t position = 0; position < 4; ++position) {
    const at::Tensor present =
        at::cat({at::ones({1}, at::kLong), sample.mask[0].select(1, position)});
    const at::Tensor sequence = at::cat({query, inputs.select(1, position)});
    EXPECT_LT(distance(mixed[0][position], layer(sequence, present)[0]), kTolerance)
        << "position " << position;
  }
}

TEST(ContextualAttentionWithAQueryToken, NeedsTheEmbeddingsOfAModel) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("muxing_variant", std::string("gaussian_attention_v2_cls_token"));
  arguments.embed_tokens = nullptr;
  DataMultiplexer multiplexer(arguments);
  EXPECT_THAT(
      [&] {
        multiplexer.mux(at::zeros({1, 2, 3, 8}), {});
      },
      ThrowsMessage<ConfigError>("datamux: gaussian_attention_v2_cls_token needs the embeddings of "
                                 "a model, but it was made without one"));
}

TEST(GaussianAttention, AddsTheMeanInputToEachAttendedInstance) {
  const Case sample;
  const auto multiplexer = Case::make("gaussian_attention");
  const at::Tensor inputs =
      sample.embeddings[0] * tensor(*multiplexer, "instance_embedding").unsqueeze(1);
  const at::Tensor present = sample.mask[0].unsqueeze(2);
  const at::Tensor mean = (inputs * present).sum(0) / present.sum(0);
  const at::Tensor dense =
      at::gelu(at::matmul(mean, tensor(*multiplexer, "cross_instances_linear.weight").t()) +
               tensor(*multiplexer, "cross_instances_linear.bias"));
  const at::Tensor centred = dense - dense.mean(-1, true);
  const at::Tensor context = centred / (centred.pow(2).mean(-1, true) + 1e-5).sqrt() *
                                 tensor(*multiplexer, "cross_instances_layernorm.weight") +
                             tensor(*multiplexer, "cross_instances_layernorm.bias");
  const ReferenceLayer layer{*multiplexer, "muxing_attention"};
  at::Tensor expected = at::zeros({4, 8});
  for (std::int64_t i = 0; i < 3; ++i) {
    expected += layer(inputs[i], sample.mask[0][i]) * present[i];
  }
  expected = expected / present.sum(0) + context;
  EXPECT_LT(distance(multiplexer->mux(sample.embeddings, sample.mask)[0], expected), kTolerance);
}

TEST(AttentionMuxing, DropsOutInTrainingOnly) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("muxing_variant", std::string("gaussian_attention_v2"));
  arguments.encoder.hidden_dropout_prob = 0.5;
  const auto multiplexer = make_random(arguments);
  const at::Tensor embeddings = at::randn({2, 2, 4, 8});
  const auto output = [&] { return multiplexer->mux(embeddings, {}); };
  EXPECT_EQ(distance(output(), output()), 0.0);
  multiplexer->train();
  EXPECT_GT(distance(output(), output()), 0.0);
}

}  // namespace
}  // namespace prumux::datamux

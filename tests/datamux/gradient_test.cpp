#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "support.h"

namespace prumux::datamux {
namespace {

/// Compares autograd's gradient of `loss` at every element of `x` with a central difference.
void expect_gradient(const std::string& name, at::Tensor x,
                     const std::function<at::Tensor()>& loss) {
  x.mutable_grad().reset();
  loss().backward();
  ASSERT_TRUE(x.grad().defined()) << name << " receives no gradient";
  const at::Tensor gradient = x.grad().clone();
  const at::Tensor elements = x.detach().view({-1});
  constexpr double step = 1e-5;
  const torch::NoGradGuard no_grad;
  for (std::int64_t i = 0; i < elements.numel(); ++i) {
    const auto value = elements[i].item<double>();
    elements[i] = value + step;
    const auto above = loss().item<double>();
    elements[i] = value - step;
    const auto below = loss().item<double>();
    elements[i] = value;
    ASSERT_NEAR(gradient.flatten()[i].item<double>(), (above - below) / (2 * step), 1e-6)
        << name << ", element " << i;
  }
}

std::shared_ptr<DataMultiplexer> make_double(PaddingSemantics padding,
                                             const std::string& muxing = "gaussian_hadamard",
                                             const std::string& demuxing = "index_pos") {
  MultiplexerArguments arguments = small_arguments(2, 4);
  arguments.padding = padding;
  arguments.parameters.set("learn_muxing", true);
  arguments.parameters.set("muxing_variant", muxing);
  arguments.parameters.set("demuxing_variant", demuxing);
  auto multiplexer = make_random(arguments);
  multiplexer->to(at::kDouble);
  return multiplexer;
}

at::Tensor leaf(std::vector<std::int64_t> shape) {
  return at::randn(shape, at::kDouble).requires_grad_(true);
}

/// A scalar that depends on every output differently.
at::Tensor weighted_sum(const at::Tensor& output) {
  return (output * at::linspace(-1, 2, output.numel(), at::kDouble).view_as(output)).sum();
}

bool is_of_muxing(const std::string& name) {
  return !name.starts_with("demu") && !name.starts_with("retrieval_head");
}

class GradientOfMuxing : public testing::TestWithParam<std::tuple<PaddingSemantics, std::string>> {
};

TEST_P(GradientOfMuxing, AgreesWithFiniteDifferences) {
  const auto multiplexer = make_double(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const at::Tensor embeddings = leaf({2, 2, 3, 4});
  const at::Tensor mask =
      torch::tensor({1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0}, at::kLong).view({2, 2, 3});
  const auto loss = [&] { return weighted_sum(multiplexer->mux(embeddings, mask)); };
  expect_gradient("embeddings", embeddings, loss);
  for (const auto& parameter : multiplexer->named_parameters()) {
    if (is_of_muxing(parameter.key())) {
      expect_gradient(parameter.key(), parameter.value(), loss);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, GradientOfMuxing,
                         testing::Combine(testing::Values(PaddingSemantics::masked,
                                                          PaddingSemantics::attended),
                                          testing::ValuesIn(choices_of("muxing_variant"))));

TEST(GradientOfDemultiplexing, AgreesWithFiniteDifferences) {
  const auto multiplexer = make_double(PaddingSemantics::masked);
  const at::Tensor hidden = leaf({2, 3, 4});
  const auto loss = [&] { return weighted_sum(multiplexer->demux(hidden, indices({0, 2}))); };
  expect_gradient("hidden", hidden, loss);
  for (const std::string name :
       {"demux_module.demux_instance_embedding", "demux_module.dense_1.weight",
        "demux_module.dense_1.bias", "demux_module.dense_2.weight", "demux_module.dense_2.bias",
        "demultiplexer.pre_decoder.weight", "demultiplexer.pre_decoder_layer_norm.weight"}) {
    expect_gradient(name, tensor(*multiplexer, name), loss);
  }
}

TEST(GradientOfPrefixDemultiplexing, AgreesWithFiniteDifferences) {
  const auto multiplexer = make_double(PaddingSemantics::masked, "gaussian_hadamard", "index");
  const at::Tensor hidden = leaf({2, 5, 4});
  const TokenSelection selection{indices({0, 1, 1}), indices({1, 0, 1}), indices({3, 4, 4})};
  const auto loss = [&] {
    return weighted_sum(multiplexer->demux(hidden, indices({2, 4}))) +
           weighted_sum(multiplexer->vocabulary_features(hidden, selection));
  };
  expect_gradient("hidden", hidden, loss);
  for (const std::string name : {"demultiplexer.dense.weight", "demultiplexer.layer_norm.weight",
                                 "retrieval_head.dense.weight", "retrieval_head.dense.bias"}) {
    expect_gradient(name, tensor(*multiplexer, name), loss);
  }
}

TEST(GradientOfInstanceMlps, AgreesWithFiniteDifferences) {
  const auto multiplexer = make_double(PaddingSemantics::masked, "gaussian_hadamard", "mlp");
  const at::Tensor hidden = leaf({2, 5, 4});
  const TokenSelection selection{indices({0, 1, 1}), indices({1, 0, 1}), indices({3, 4, 4})};
  const auto loss = [&] {
    return weighted_sum(multiplexer->demux(hidden, indices({2, 4}))) +
           weighted_sum(multiplexer->vocabulary_features(hidden, selection));
  };
  expect_gradient("hidden", hidden, loss);
  for (const auto& parameter : multiplexer->named_parameters()) {
    if (!is_of_muxing(parameter.key())) {
      expect_gradient(parameter.key(), parameter.value(), loss);
    }
  }
}

TEST(GradientOfVocabularyFeatures, AgreesWithFiniteDifferences) {
  const auto multiplexer = make_double(PaddingSemantics::masked);
  const at::Tensor hidden = leaf({2, 3, 4});
  const TokenSelection selection{indices({0, 1, 1}), indices({1, 0, 1}), indices({0, 2, 2})};
  const auto loss = [&] {
    return weighted_sum(multiplexer->vocabulary_features(hidden, selection));
  };
  expect_gradient("hidden", hidden, loss);
  for (const std::string name :
       {"demux_module.demux_instance_embedding", "demux_module.dense_1.weight",
        "demux_module.layer_norm_1.weight", "demux_module.dense_2.weight",
        "demux_module.layer_norm_2.bias", "retrieval_head.pre_decoder.weight",
        "retrieval_head.pre_decoder_layer_norm.bias"}) {
    expect_gradient(name, tensor(*multiplexer, name), loss);
  }
}

}  // namespace
}  // namespace prumux::datamux

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <stdexcept>

#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"
#include "host.h"
#include "magnitude.h"
#include "movement.h"
#include "taylor.h"

namespace prumux::compressors {
namespace {

Parameters parameters_of(const std::string& method, ParameterTexts texts) {
  texts.emplace_back("target_sparsity", "0.5");
  const auto& found = plugin::Registry::instance().find(PRUMUX_COMPRESSOR, method);
  return plugin::parse_parameters(*found.descriptor, texts);
}

/// Shows the scores of a method.
template <typename Method>
class Scoring : public Method {
 public:
  using Method::Method;
  using Method::observe;
  using Method::scores;
};

template <typename Method>
std::unique_ptr<Scoring<Method>> attached(const std::string& name, const ParameterTexts& texts,
                                          const std::shared_ptr<model::Model>& model) {
  auto scoring = std::make_unique<Scoring<Method>>(CompressorArguments{parameters_of(name, texts)});
  scoring->attach(View(model), {10, 10});
  return scoring;
}

at::Tensor parameter(const model::Model& model, const std::string& end) {
  for (const auto& [name, tensor] : model.checkpoint_parameters()) {
    if (name.ends_with(end)) return tensor.detach();
  }
  throw std::out_of_range(end);
}

TEST(Magnitude, SumsThePowersOfAllWeightsOfAUnit) {
  const auto model = make_model(2, 2, 4, 8, 3);
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    const at::NoGradGuard no_gradient;
    at::Tensor(tensor).fill_(1.0);
  }
  {
    const at::NoGradGuard no_gradient;
    // Head 1 of layer 1 owns rows 4 to 7 of the queries, intermediate dimension 3 its own row.
    parameter(*model, "layer.1.attention.self.query.weight")[5][2] = -3.0;
    parameter(*model, "layer.0.intermediate.dense.weight")[3][2] = 2.0;
  }
  for (const bool squared : {false, true}) {
    const auto scoring =
        attached<magnitude::Magnitude>("magnitude", {{"norm", squared ? "l2" : "l1"}}, model);
    const StructureScores scores = scoring->scores();
    // 4 rows of 8 weights and a bias in Q, K and V, 4 columns of 8 in the output.
    const double head = 3 * 4 * 9 + 4 * 8;
    EXPECT_EQ(scores.head[0][1].item<double>(), head);
    EXPECT_EQ(scores.head[1][1].item<double>(), head + (squared ? 8 : 2));
    // A row of 8 and its bias, a column of 8.
    EXPECT_EQ(scores.intermediate[1][3].item<double>(), 17);
    EXPECT_EQ(scores.intermediate[0][3].item<double>(), 17 + (squared ? 3 : 1));
    // In each layer 3*8 + 8 weights read a hidden dimension, 8 + 8 and two biases write it.
    EXPECT_EQ(scores.hidden[0].item<double>(), 2 * (3 * 8 + 8 + 8 + 8 + 2));
    EXPECT_EQ(scores.hidden[2].item<double>(), 100 + (squared ? 8 + 3 : 2 + 1));
  }
}

TEST(Taylor, AveragesTheSizesOfTheMasksGradients) {
  const auto scoring =
      attached<taylor::Taylor>("taylor", {{"memory", "0.75"}}, make_model(1, 2, 4, 3, 1));
  scoring->observe({torch::tensor({{4.0F, -8.0F}}), at::zeros({1, 3}), {}});
  scoring->observe({torch::tensor({{-4.0F, 0.0F}}), at::zeros({1, 3}), {}});
  // 0.25 * 4 * 0.75 + 0.25 * 4, and 0.25 * 8 * 0.75.
  EXPECT_TRUE(scoring->scores().head.equal(torch::tensor({{1.75F, 1.5F}})));
}

TEST(Taylor, KeepsTheHeadsThatTheLossFeels) {
  // Without an output the first head of layer 0 makes no difference.
  const auto model = make_model(2, 4, 4, 8, 4);
  {
    const at::NoGradGuard no_gradient;
    parameter(*model, "layer.0.attention.output.dense.weight").narrow(1, 0, 4).zero_();
  }
  Host host(
      model,
      make_compressor("taylor",
                      {{"target_sparsity", "0.1"}, {"update_every", "1"}, {"warmup_steps", "1"}}),
      10);
  host.step();
  host.step();
  const StructureMasks masks = host.compressor().evaluation_masks();
  EXPECT_EQ(masks.head[0][0].item<float>(), 0.0F);
}

TEST(Movement, ScoresMovesAwayFromZeroHigher) {
  const auto scoring = attached<movement::Movement>("movement", {}, make_model(1, 2, 4, 3, 1));
  scoring->observe({torch::tensor({{0.5F, -1.0F}}), at::zeros({1, 3}), {}});
  scoring->observe({torch::tensor({{0.25F, -1.0F}}), at::zeros({1, 3}), {}});
  EXPECT_TRUE(scoring->scores().head.equal(torch::tensor({{-0.75F, 2.0F}})));
}

/// The gradient of a head's mask is the sum of w dL/dw over its columns of the output matrix.
TEST(Movement, IsTheMoveOfTheWeightsBehindTheMask) {
  const auto model = make_model(1, 2, 4, 8, 6);
  const EncoderConfig& encoder = model->config().encoder;
  StructureMasks masks;
  masks.head = at::ones({1, 2}).set_requires_grad(true);
  masks.intermediate = at::ones({1, 8}).set_requires_grad(true);
  model::ForwardOptions options;
  options.masks = &masks;
  const model::ModelInputs inputs{at::arange(1, 13, at::kLong).view({2, 6}), {}, {}};
  model->eval();
  model->forward(inputs, options).logits.square().sum().backward();
  const auto moved = [&](const std::string& name) {
    const at::Tensor weight = parameter(*model, name);
    for (const auto& [full, tensor] : model->checkpoint_parameters()) {
      if (full.ends_with(name)) return (weight * tensor.grad()).sum(0);
    }
    return at::Tensor();
  };
  const at::Tensor heads =
      moved("layer.0.attention.output.dense.weight").view({2, encoder.head_size()}).sum(1);
  EXPECT_TRUE(at::allclose(masks.head.grad()[0], heads, 1e-3, 1e-5));
  EXPECT_TRUE(
      at::allclose(masks.intermediate.grad()[0], moved("layer.0.output.dense.weight"), 1e-3, 1e-5));
}

}  // namespace
}  // namespace prumux::compressors

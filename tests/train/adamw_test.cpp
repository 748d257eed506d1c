#include "core/train/adamw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

at::Tensor tensor_of(const json& values, const json& shape) {
  return at::tensor(values.get<std::vector<double>>(), at::kDouble)
      .to(at::kFloat)
      .view(shape.get<std::vector<std::int64_t>>());
}

/// The tensors of tests/data/train/adamw.json and an optimiser with its settings.
struct Trace {
  Trace() : data(json::parse(io::read_file(PRUMUX_TEST_DATA "/train/adamw.json"))) {
    for (int i = 0; i < 3; ++i)
      tensors.push_back(tensor_of(data["initial"][i], data["shapes"][i]).requires_grad_());
    AdamWGroup model{"model", {{"first", tensors[0]}, {"second", tensors[1]}}, 0.01, true, 0.1};
    AdamWGroup ascent{"ascent", {{"third", tensors[2]}}, 0.1, false, 0.0, true};
    optimizer.emplace(std::vector{model, ascent}, AdamWConstants{});
  }

  void run_step(int index) {
    const json& step = data["steps"][index];
    for (int i = 0; i < 3; ++i) {
      const json& gradient = step["gradients"][i];
      tensors[i].mutable_grad() =
          gradient.is_null() ? at::Tensor() : tensor_of(gradient, data["shapes"][i]);
    }
    if (step["clip_first_two"].get<bool>()) {
      // Gradients in the file are those before clipping.
      const double norm = clip_gradients({tensors[0], tensors[1]}, 1.0);
      EXPECT_NEAR(norm, step["norm"].get<double>(), 1e-5);
    }
    optimizer->step(step["factor"].get<double>());
    for (int i = 0; i < 3; ++i) {
      const at::Tensor expected = tensor_of(step["after"][i], data["shapes"][i]);
      EXPECT_LT((tensors[i] - expected).abs().max().item<double>(), 1e-6)
          << "step " << index << ", tensor " << i;
    }
  }

  json data;
  std::vector<at::Tensor> tensors;
  std::optional<AdamW> optimizer;
};

TEST(AdamW, EqualsTorchStepByStep) {
  Trace trace;
  for (int index = 0; index < 6; ++index) trace.run_step(index);
}

TEST(AdamW, ContinuesFromItsSavedState) {
  Trace whole;
  for (int index = 0; index < 6; ++index) whole.run_step(index);
  Trace first;
  for (int index = 0; index < 3; ++index) first.run_step(index);
  Trace second;
  {
    const at::NoGradGuard no_gradient;
    for (int i = 0; i < 3; ++i) second.tensors[i].copy_(first.tensors[i]);
  }
  second.optimizer->load_state(first.optimizer->state());
  for (int index = 3; index < 6; ++index) second.run_step(index);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(whole.tensors[i], second.tensors[i]));
}

TEST(AdamW, LeavesParametersWithoutGradientAlone) {
  const at::Tensor parameter = at::ones({4}).requires_grad_();
  AdamW optimizer({{"model", {{"weight", parameter}}, 0.1, true, 0.5}}, {});
  optimizer.step(1.0);
  EXPECT_TRUE(at::equal(parameter, at::ones({4})));
  EXPECT_TRUE(optimizer.state().empty());
}

TEST(AdamW, RefusesWhatCannotBeTrained) {
  const auto refusal = [](const NamedTensors& parameters) -> std::string {
    try {
      AdamW({{"group", parameters, 0.1}}, {});
    } catch (const PluginError& problem) {
      return problem.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal({{"a", {}}}),
              HasSubstr("parameter 'group/a' cannot be trained: it is undef"));
  EXPECT_THAT(refusal({{"a", at::ones({2}, at::kDouble).requires_grad_()}}),
              HasSubstr("not float32"));
  EXPECT_THAT(refusal({{"a", at::ones({2})}}), HasSubstr("requires a gradient"));
  const at::Tensor good = at::ones({2}).requires_grad_();
  EXPECT_THAT(refusal({{"a", good}, {"a", good}}), HasSubstr("two parameters are named 'group/a'"));
}

TEST(AdamW, RefusesTheStateOfAnotherModel) {
  AdamW optimizer({{"model", {{"weight", at::ones({2}).requires_grad_()}}, 0.1}}, {});
  const TensorMap other_shape = {{"model/weight/first_moment", at::zeros({3})},
                                 {"model/weight/second_moment", at::zeros({3})},
                                 {"model/weight/steps", at::zeros({})}};
  EXPECT_THROW(optimizer.load_state(other_shape), DataError);
  EXPECT_THROW(optimizer.load_state({{"model/bias/steps", at::zeros({})}}), DataError);
}

TEST(ClipGradients, MeasuresWithoutClippingWhenTheLimitIsZero) {
  const at::Tensor parameter = at::zeros({2}).requires_grad_();
  parameter.mutable_grad() = at::tensor({3.0f, 4.0f});
  EXPECT_DOUBLE_EQ(clip_gradients({parameter}, 0.0), 5.0);
  EXPECT_TRUE(at::equal(parameter.grad(), at::tensor({3.0f, 4.0f})));
  clip_gradients({parameter}, 1.0);
  EXPECT_NEAR(parameter.grad().norm().item<double>(), 1.0, 1e-5);
}

}  // namespace
}  // namespace prumux::train

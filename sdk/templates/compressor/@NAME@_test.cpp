#include "@NAME@.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace {

/// One layer with two heads of one dimension and three intermediate dimensions.
class SmallModel : public prumux::ModelView {
 public:
  SmallModel() {
    encoder_.hidden_size = 2;
    encoder_.num_hidden_layers = 1;
    encoder_.num_attention_heads = 2;
    encoder_.intermediate_size = 3;
  }
  const prumux::EncoderConfig& encoder() const override { return encoder_; }
  std::int64_t num_instances() const override { return 1; }
  prumux::NamedTensors parameters() const override {
    const std::string layer = "bert.encoder.layer.0.";
    return {{layer + "attention.self.query.weight", at::zeros({2, 2})},
            {layer + "attention.output.dense.weight", at::tensor({1.0F, 5.0F, 1.0F, 5.0F}).view({2, 2})},
            {layer + "intermediate.dense.weight", at::zeros({3, 2})},
            {layer + "output.dense.weight", at::tensor({9.0F, 0.1F, 9.0F, 9.0F, 0.1F, 9.0F}).view({2, 3})}};
  }

 private:
  prumux::EncoderConfig encoder_;
};

prumux::Parameters parameters(double target_sparsity) {
  prumux::Parameters parameters;
  parameters.set("target_sparsity", target_sparsity);
  parameters.set("prepruning_steps", std::int64_t{0});
  parameters.set("warmup_steps", std::int64_t{0});
  parameters.set("update_every", std::int64_t{1});
  parameters.set("prune_hidden", false);
  parameters.set("distillation_weight", 0.0);
  parameters.set("ranking", std::string("balanced"));
  parameters.set("power", 2.0);
  return parameters;
}

TEST(@CLASS@, RemovesTheUnitsWithTheSmallestWeights) {
  @NAME@::@CLASS@ method({parameters(0.3)});
  method.attach(SmallModel(), {.total_steps = 10, .steps_per_epoch = 10});
  method.training_masks(0);
  const prumux::StructureMasks masks = method.evaluation_masks();
  EXPECT_EQ(masks.head[0][1].item<double>(), 1.0);
  EXPECT_EQ(masks.intermediate[0][1].item<double>(), 0.0);
  EXPECT_TRUE(method.meets_target());
}

TEST(@CLASS@, RemovesNothingAtSparsityZero) {
  @NAME@::@CLASS@ method({parameters(0.0)});
  method.attach(SmallModel(), {.total_steps = 10, .steps_per_epoch = 10});
  method.training_masks(0);
  EXPECT_TRUE(method.evaluation_masks().intermediate.eq(1).all().item<bool>());
}

}  // namespace

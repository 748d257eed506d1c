#include <functional>
#include <random>
#include <sstream>

#include "core/plugin/registry.h"
#include "support.h"
#include "tests/support/random_ranks.h"

namespace prumux::model {
namespace {

/// Masks of any subset of kinds, with zeros, ones and fractions; whole layers of zeros are common.
class RandomMasks {
 public:
  explicit RandomMasks(unsigned seed) : engine_(seed) {}

  StructureMasks draw(const EncoderConfig& encoder) {
    const std::int64_t layers = encoder.num_hidden_layers;
    StructureMasks masks;
    if (chance(0.7)) masks.head = units(layers, encoder.num_attention_heads);
    if (chance(0.7)) masks.intermediate = units(layers, encoder.intermediate_size);
    if (chance(0.6)) masks.head_layer = units(1, layers).squeeze(0);
    if (chance(0.6)) masks.mlp = units(1, layers).squeeze(0);
    if (chance(0.6)) {
      masks.hidden = units(1, encoder.hidden_size).squeeze(0);
      masks.hidden[draw_index(encoder.hidden_size)] = 0.7;  // At least one must stay.
    }
    return masks;
  }

  std::int64_t draw_index(std::int64_t count) {
    return std::uniform_int_distribution<std::int64_t>(0, count - 1)(engine_);
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }

 private:
  at::Tensor units(std::int64_t rows, std::int64_t columns) {
    at::Tensor mask = at::ones({rows, columns});
    for (std::int64_t row = 0; row < rows; ++row) {
      const bool dead = rows > 1 && chance(0.2);
      const double zeros = std::uniform_real_distribution<double>(0.0, 0.9)(engine_);
      const bool soft = chance(0.5);
      for (std::int64_t column = 0; column < columns; ++column) {
        const double value = soft ? std::uniform_real_distribution<double>(0.1, 1.0)(engine_) : 1.0;
        mask[row][column] = dead || chance(zeros) ? 0.0 : value;
      }
    }
    return mask;
  }

  std::mt19937 engine_;
};

ModelConfig random_config(bool multiplexed) {
  ModelConfig config = multiplexed ? golden_model("prune_mux_n2")->config()
                                   : golden_model("prune_cofi_plain")->config();
  config.encoder.initializer_range = 0.15;
  return config;
}

ModelInputs random_inputs() {
  const at::Tensor ids = at::randint(1, 600, {4, 7}, at::kLong);
  ids.select(1, 0).fill_(101);
  const at::Tensor mask = at::tensor({7, 5, 2, 7}, at::kLong).unsqueeze(1).gt(at::arange(7));
  return {ids, mask.to(at::kLong), {}};
}

enum class Weights { whole, factorised };

void expect_pruning_keeps_outputs(const ModelConfig& config, unsigned count,
                                  Weights weights = Weights::whole) {
  for (unsigned seed = 0; seed < count; ++seed) {
    at::manual_seed(seed);
    RandomMasks random(seed);
    Model model(config);
    model.eval();
    if (weights == Weights::factorised) {
      std::mt19937 engine(seed);
      model.factorise(test::random_ranks(model.checkpoint_parameters(), 0.6, engine));
    }
    const StructureMasks masks = random.draw(config.encoder);
    const ModelInputs inputs = random_inputs();
    const at::Tensor masked = logits_of(model, inputs, &masks);
    model.prune(PrunePlan::from_masks(masks, config.encoder));
    ASSERT_LT(distance(logits_of(model, inputs), masked), kPruningTolerance) << "seed " << seed;
  }
}

TEST(RandomStructure, PlainModelsKeepTheirOutputsWhenPruned) {
  expect_pruning_keeps_outputs(random_config(false), 200);
}

TEST(RandomStructure, MultiplexedModelsKeepTheirOutputsWhenPruned) {
  expect_pruning_keeps_outputs(random_config(true), 200);
}

TEST(RandomStructure, FactorisedModelsKeepTheirOutputsWhenPruned) {
  expect_pruning_keeps_outputs(random_config(false), 100, Weights::factorised);
  expect_pruning_keeps_outputs(random_config(true), 100, Weights::factorised);
}

TEST(RandomStructure, TokenClassifiersAndRegressionsKeepTheirOutputsWhenPruned) {
  for (const bool multiplexed : {false, true}) {
    ModelConfig config = random_config(multiplexed);
    config.head = HeadKind::token;
    config.num_labels = 5;
    config.label_names.clear();
    expect_pruning_keeps_outputs(config, 40);
    config.head = HeadKind::sequence;
    config.num_labels = 1;
    expect_pruning_keeps_outputs(config, 20);
  }
}

/// Every way to multiplex, for classifiers of rows and of tokens, our padding and the references'.
TEST(RandomStructure, EveryPairOfMultiplexerAndDemultiplexerKeepsItsOutputsWhenPruned) {
  const plugin::Method& method = plugin::Registry::instance().find(PRUMUX_MULTIPLEXER, "datamux");
  const auto choices = [&](const std::string& parameter) {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < method.descriptor->num_parameters; ++i) {
      const PrumuxParameterV1& entry = method.descriptor->parameters[i];
      if (entry.name != parameter) continue;
      std::istringstream text(entry.choices);
      for (std::string name; std::getline(text, name, '|');) names.push_back(name);
    }
    return names;
  };
  for (const std::string& muxing : choices("muxing_variant")) {
    for (const std::string& demuxing : choices("demuxing_variant")) {
      for (const HeadKind head : {HeadKind::sequence, HeadKind::token}) {
        SCOPED_TRACE(muxing + " with " + demuxing);
        ModelConfig config = random_config(true);
        config.head = head;
        config.multiplexer->parameters.set("muxing_variant", muxing);
        config.multiplexer->parameters.set("demuxing_variant", demuxing);
        config.multiplexer->parameters.set("legacy_demuxing", false);
        for (const PaddingSemantics padding :
             {PaddingSemantics::masked, PaddingSemantics::attended}) {
          config.multiplexer->padding = padding;
          expect_pruning_keeps_outputs(config, 8);
        }
      }
    }
  }
}

TEST(RandomStructure, PrunedModelsSurviveSavingAndLoadingBitByBit) {
  for (const bool multiplexed : {false, true}) {
    const ModelConfig config = random_config(multiplexed);
    for (unsigned seed = 0; seed < 20; ++seed) {
      at::manual_seed(seed);
      RandomMasks random(1000 + seed);
      Model model(config);
      model.eval();
      model.prune(PrunePlan::from_masks(random.draw(config.encoder), config.encoder));
      const ModelInputs inputs = random_inputs();
      TemporaryFolder folder;
      save_model(model, folder.path());
      const std::shared_ptr<Model> loaded = load_model(folder.path());
      loaded->eval();
      ASSERT_TRUE(logits_of(*loaded, inputs).equal(logits_of(model, inputs))) << "seed " << seed;
      ASSERT_EQ(loaded->parameter_count(), model.parameter_count());
    }
  }
}

PrunePlan keep_everything_but_some(const PrunePlan& before) {
  PrunePlan plan;
  const auto thin = [](const std::vector<std::int64_t>& units) {
    std::vector<std::int64_t> kept;
    for (std::int64_t unit = 0; unit < static_cast<std::int64_t>(units.size()); ++unit) {
      if (unit % 3 != 1) kept.push_back(unit);
    }
    return kept;
  };
  const auto factors = [](std::size_t count) { return std::vector<double>(count, 0.9); };
  for (const LayerPlan& part : before.layers) {
    LayerPlan layer;
    layer.attention_present = part.attention_present;
    layer.mlp_present = part.mlp_present;
    layer.mlp_scale = 0.8;
    layer.heads = thin(part.heads);
    layer.head_scales = factors(layer.heads.size());
    layer.intermediate = thin(part.intermediate);
    layer.intermediate_scales = factors(layer.intermediate.size());
    plan.layers.push_back(layer);
  }
  plan.hidden = thin(before.hidden);
  plan.hidden_scales = factors(plan.hidden.size());
  return plan;
}

/// What two plans leave of the dense model, one after the other.
StructureMasks composed(const PrunePlan& first, const PrunePlan& second,
                        const EncoderConfig& encoder) {
  StructureMasks masks;
  masks.head = at::zeros({encoder.num_hidden_layers, encoder.num_attention_heads});
  masks.intermediate = at::zeros({encoder.num_hidden_layers, encoder.intermediate_size});
  masks.head_layer = at::zeros({encoder.num_hidden_layers});
  masks.mlp = at::zeros({encoder.num_hidden_layers});
  masks.hidden = at::zeros({encoder.hidden_size});
  const auto put = [](at::Tensor to, const std::vector<std::int64_t>& first_kept,
                      const std::vector<double>& first_scales,
                      const std::vector<std::int64_t>& then_kept,
                      const std::vector<double>& then_scales) {
    for (std::size_t index = 0; index < then_kept.size(); ++index) {
      const auto unit = static_cast<std::size_t>(then_kept[index]);
      to[first_kept[unit]] = first_scales[unit] * then_scales[index];
    }
  };
  for (std::size_t index = 0; index < first.layers.size(); ++index) {
    const LayerPlan& a = first.layers[index];
    const LayerPlan& b = second.layers[index];
    const auto layer = static_cast<std::int64_t>(index);
    if (b.attention_present) masks.head_layer[layer] = a.attention_scale * b.attention_scale;
    if (b.mlp_present) masks.mlp[layer] = a.mlp_scale * b.mlp_scale;
    put(masks.head[layer], a.heads, a.head_scales, b.heads, b.head_scales);
    put(masks.intermediate[layer], a.intermediate, a.intermediate_scales, b.intermediate,
        b.intermediate_scales);
  }
  put(masks.hidden, first.hidden, first.hidden_scales, second.hidden, second.hidden_scales);
  return masks;
}

/// A factor of a whole block scales its bias too, a factor of a hidden dimension whatever is in it:
/// two plans one after the other are one plan with the products.
TEST(RandomStructure, PruningTwiceEqualsPruningOnceByBoth) {
  for (const bool multiplexed : {false, true}) {
    const ModelConfig config = random_config(multiplexed);
    for (unsigned seed = 0; seed < 20; ++seed) {
      at::manual_seed(seed);
      RandomMasks random(2000 + seed);
      Model model(config);
      model.eval();
      const ModelInputs inputs = random_inputs();
      const PrunePlan first = PrunePlan::from_masks(random.draw(config.encoder), config.encoder);
      const PrunePlan second = keep_everything_but_some(first);
      if (second.hidden.empty()) continue;
      const StructureMasks both = composed(first, second, config.encoder);
      const at::Tensor expected = logits_of(model, inputs, &both);
      model.prune(first);
      model.prune(second);
      EXPECT_LT(distance(logits_of(model, inputs), expected), kPruningTolerance)
          << "seed " << seed << " of " << (multiplexed ? "multiplexed" : "plain");
    }
  }
}

TEST(RandomStructure, GradientsReachEveryMask) {
  const ModelConfig config = random_config(true);
  at::manual_seed(5);
  Model model(config);
  model.eval();
  StructureMasks masks;
  const EncoderConfig& encoder = config.encoder;
  const auto mask = [](at::IntArrayRef shape) {
    return at::rand(shape).mul(0.5).add(0.4).set_requires_grad(true);
  };
  masks.head = mask({encoder.num_hidden_layers, encoder.num_attention_heads});
  masks.head_layer = mask({encoder.num_hidden_layers});
  masks.intermediate = mask({encoder.num_hidden_layers, encoder.intermediate_size});
  masks.mlp = mask({encoder.num_hidden_layers});
  masks.hidden = mask({encoder.hidden_size});
  const ModelInputs inputs = random_inputs();
  ForwardOptions options;
  options.masks = &masks;
  const auto loss = [&] { return model.forward(inputs, options).logits.square().sum(); };
  loss().backward();
  // Against finite differences.
  for (at::Tensor* tensor :
       {&masks.head, &masks.head_layer, &masks.intermediate, &masks.mlp, &masks.hidden}) {
    const at::Tensor gradient = tensor->grad().flatten();
    const at::NoGradGuard no_gradient;
    const at::Tensor flat = tensor->view({-1});
    const std::int64_t unit = gradient.abs().argmax().item<std::int64_t>();
    const float value = flat[unit].item<float>();
    constexpr float kStep = 1e-2F;
    flat[unit] = value + kStep;
    const double above = loss().item<double>();
    flat[unit] = value - kStep;
    const double below = loss().item<double>();
    flat[unit] = value;
    const double expected = gradient[unit].item<double>();
    EXPECT_NEAR((above - below) / (2 * kStep), expected, 0.03 * std::abs(expected) + 1e-4);
  }
}

/// A removed head's mask has a gradient all the same: what its return would change.
TEST(RandomStructure, ZeroHeadMasksThatCarryGradientsGetThem) {
  const ModelConfig config = random_config(false);
  at::manual_seed(6);
  Model model(config);
  model.eval();
  StructureMasks masks;
  masks.head = at::zeros({config.encoder.num_hidden_layers, config.encoder.num_attention_heads});
  masks.head.set_requires_grad(true);
  ForwardOptions options;
  options.masks = &masks;
  model.forward(random_inputs(), options).logits.square().sum().backward();
  EXPECT_GT(masks.head.grad().abs().min().item<double>(), 0.0);
}

/// Behind a clamp it has none, and units without are not computed: every gradient stays the same.
TEST(RandomStructure, ConstantZeroMasksLeaveEveryGradientAsItIs) {
  const ModelConfig config = random_config(true);
  const EncoderConfig& encoder = config.encoder;
  at::manual_seed(8);
  Model model(config);
  model.eval();
  const auto random = [](at::IntArrayRef shape) {
    return at::rand(shape).sub(0.5).set_requires_grad(true);
  };
  const at::Tensor heads = random({encoder.num_hidden_layers, encoder.num_attention_heads});
  const at::Tensor intermediate = random({encoder.num_hidden_layers, encoder.intermediate_size});
  const ModelInputs inputs = random_inputs();
  const auto gradients = [&](bool zero_masks_are_constant) {
    StructureMasks masks;
    masks.head = heads.clamp(0, 1);
    masks.intermediate = intermediate.clamp(0, 1);
    ForwardOptions options;
    options.masks = &masks;
    options.zero_masks_are_constant = zero_masks_are_constant;
    model.forward(inputs, options).logits.square().sum().backward();
    TensorMap result = {{"heads", heads.grad()}, {"intermediate", intermediate.grad()}};
    for (const auto& [name, tensor] : model.checkpoint_parameters()) {
      if (tensor.grad().defined()) result[name] = tensor.grad();
      tensor.mutable_grad().reset();
    }
    heads.mutable_grad().reset();
    intermediate.mutable_grad().reset();
    return result;
  };
  const TensorMap all = gradients(false);
  const TensorMap fewer = gradients(true);
  ASSERT_EQ(all.size(), fewer.size());
  EXPECT_GT(all.at("heads").abs().max().item<double>(), 0.0);
  for (const auto& [name, gradient] : all) {
    EXPECT_LT(distance(gradient, fewer.at(name)), 1e-5) << name;
  }
}

/// The gradient of weights under masks with removed hidden dimensions, against the plain formula.
TEST(RandomStructure, RemovedHiddenDimensionsGiveTheWeightsThatReadThemNoGradient) {
  const ModelConfig config = random_config(false);
  at::manual_seed(7);
  Model model(config);
  model.eval();
  StructureMasks masks;
  masks.hidden = at::ones({config.encoder.hidden_size});
  masks.hidden[3] = 0.0;
  ForwardOptions options;
  options.masks = &masks;
  model.forward(random_inputs(), options).logits.square().sum().backward();
  for (const auto& [name, tensor] : model.checkpoint_parameters()) {
    if (!name.ends_with("attention.self.query.weight")) continue;
    EXPECT_EQ(tensor.grad().select(1, 3).abs().sum().item<float>(), 0.0F) << name;
    EXPECT_GT(tensor.grad().select(1, 4).abs().sum().item<float>(), 0.0F) << name;
  }
}

}  // namespace
}  // namespace prumux::model

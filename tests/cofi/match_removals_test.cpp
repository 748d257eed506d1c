#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "fixtures.h"
#include "l0_module.h"
#include "prumux/structure.h"

namespace prumux::cofi {
namespace {

/// Weights and biases of attention and FFN blocks under a plan: counted matrix by matrix.
std::int64_t parameters_of(const PrunePlan& plan, const EncoderConfig& encoder) {
  const auto hidden = static_cast<std::int64_t>(plan.hidden.size());
  std::int64_t total = 0;
  for (const LayerPlan& layer : plan.layers) {
    if (layer.attention_present) {
      const std::int64_t context =
          encoder.head_size() * static_cast<std::int64_t>(layer.heads.size());
      for (int matrix = 0; matrix < 3; ++matrix) total += context * hidden + context;
      total += hidden * context + hidden;
    }
    if (layer.mlp_present) {
      const auto inner = static_cast<std::int64_t>(layer.intermediate.size());
      total += inner * hidden + inner;
      total += hidden * inner + hidden;
    }
  }
  return total;
}

double removed_share(const StructureMasks& masks, const EncoderConfig& encoder) {
  const std::int64_t dense = parameters_of(PrunePlan::from_masks({}, encoder), encoder);
  const std::int64_t left = parameters_of(PrunePlan::from_masks(masks, encoder), encoder);
  return 1.0 - static_cast<double>(left) / static_cast<double>(dense);
}

enum class Spread { uniform, polarised, normal };

void randomise(const L0Module& l0_module, Spread spread) {
  const at::NoGradGuard no_gradient;
  for (const auto& [name, log_alpha] : l0_module.log_alphas().named("")) {
    at::Tensor values = log_alpha;
    if (spread == Spread::uniform) values.uniform_(-4.6, 4.6);
    if (spread == Spread::normal) values.normal_(torch::randn({}).item<double>() * 2, 1.5);
    if (spread == Spread::polarised) {
      values.copy_(torch::where(torch::rand_like(values) < torch::rand({}), 4.6, -4.6));
    }
  }
}

/// No removed unit of a row has a larger log-alpha than a kept one.
void expect_ranked(const at::Tensor& mask, const at::Tensor& log_alpha) {
  const at::Tensor masks = mask.reshape({-1, mask.size(-1)});
  const at::Tensor values = log_alpha.detach().reshape(masks.sizes());
  for (std::int64_t row = 0; row < masks.size(0); ++row) {
    const at::Tensor kept = values[row].index({masks[row].ne(0)});
    const at::Tensor removed = values[row].index({masks[row].eq(0)});
    if (kept.numel() == 0 || removed.numel() == 0) continue;
    EXPECT_LE(removed.max().item<double>(), kept.min().item<double>());
  }
}

struct Shape {
  const char* name;
  EncoderConfig encoder;
};

class MatchedMasks : public testing::TestWithParam<Shape> {};

TEST_P(MatchedMasks, RemoveTheTargetShareWhateverTheLogAlphas) {
  const EncoderConfig& encoder = GetParam().encoder;
  for (const char* type : {"structured_heads+structured_mlp+hidden+layer",
                           "structured_heads+structured_mlp", "structured_mlp+layer"}) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      torch::manual_seed(seed);
      const L0Module l0_module(PruningType::parse(type), encoder, 2.0 / 3.0, torch::kCPU);
      for (const Spread spread : {Spread::uniform, Spread::polarised, Spread::normal}) {
        randomise(l0_module, spread);
        for (const double target : {0.3, 0.6}) {
          const StructureMasks masks = l0_module.matched(target);
          EXPECT_NEAR(removed_share(masks, encoder), target, 0.005) << type << " seed " << seed;
          expect_ranked(masks.intermediate, l0_module.log_alphas().intermediate);
          if (masks.head.defined()) expect_ranked(masks.head, l0_module.log_alphas().head);
        }
      }
    }
  }
}

TEST_P(MatchedMasks, ReachHighSparsities) {
  const EncoderConfig& encoder = GetParam().encoder;
  torch::manual_seed(5);
  const L0Module l0_module(PruningType::parse("structured_heads+structured_mlp+hidden+layer"),
                           encoder, 2.0 / 3.0, torch::kCPU);
  for (const Spread spread : {Spread::uniform, Spread::polarised, Spread::normal}) {
    randomise(l0_module, spread);
    for (const double target : {0.8, 0.95}) {
      EXPECT_NEAR(removed_share(l0_module.matched(target), encoder), target, 0.005);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Encoders, MatchedMasks,
                         testing::Values(Shape{"Small", encoder_of(64, 256, 4, 4)},
                                         Shape{"MiniLM", encoder_of(384, 1536, 12, 6)}),
                         [](const auto& info) { return info.param.name; });

TEST(MatchedMasks, SeparateBlocksWhoseLogAlphasAreEqual) {
  torch::manual_seed(2);
  const EncoderConfig encoder = encoder_of(64, 256, 4, 4);
  const L0Module l0_module(PruningType::parse("structured_mlp+layer"), encoder, 2.0 / 3.0,
                           torch::kCPU);
  {
    const at::NoGradGuard no_gradient;
    for (const auto& [name, log_alpha] : l0_module.log_alphas().named("")) {
      at::Tensor(log_alpha).fill_(4.605);
    }
  }
  for (const double target : {0.2, 0.5, 0.8}) {
    EXPECT_NEAR(removed_share(l0_module.matched(target), encoder), target, 0.005);
  }
}

TEST(MatchedMasks, OfATinyModelComeWithinAPercent) {
  const EncoderConfig encoder = encoder_of(32, 64, 4, 3);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    torch::manual_seed(seed);
    const L0Module l0_module(PruningType::parse("structured_heads+structured_mlp+hidden+layer"),
                             encoder, 2.0 / 3.0, torch::kCPU);
    for (const Spread spread : {Spread::uniform, Spread::polarised, Spread::normal}) {
      randomise(l0_module, spread);
      for (const double target : {0.3, 0.6, 0.8, 0.95}) {
        EXPECT_NEAR(removed_share(l0_module.matched(target), encoder), target, 0.01) << seed;
      }
    }
  }
}

TEST(MatchedMasks, KeepTheUnshiftedValuesOfKeptUnits) {
  torch::manual_seed(2);
  const L0Module l0_module(PruningType::parse("structured_mlp"), encoder_of(32, 64, 4, 3),
                           2.0 / 3.0, torch::kCPU);
  randomise(l0_module, Spread::uniform);
  const at::Tensor mask = l0_module.matched(0.3).intermediate;
  const at::Tensor values = torch::sigmoid(l0_module.log_alphas().intermediate * 1.2);
  EXPECT_TRUE(torch::allclose(mask, torch::where(mask.ne(0), values, 0.0), 0, 1e-6));
}

TEST(MatchedMasks, ComeAsCloseAsWholeBlocksAllow) {
  // Blocks only, two layers of d = 8, I = 12, H = 2: attention 288, FFN 212 of 1000 each.
  torch::manual_seed(2);
  const EncoderConfig encoder = encoder_of(8, 12, 2, 2);
  const L0Module l0_module(PruningType::parse("layer"), encoder, 2.0 / 3.0, torch::kCPU);
  {
    const at::NoGradGuard no_gradient;
    at::Tensor(l0_module.log_alphas().mlp).copy_(torch::tensor({-1.0, 2.0}));
    at::Tensor(l0_module.log_alphas().head_layer).copy_(torch::tensor({1.0, 3.0}));
  }
  EXPECT_NEAR(removed_share(l0_module.matched(0.45), encoder), 0.500, 1e-9);
  EXPECT_NEAR(removed_share(l0_module.matched(0.05), encoder), 0.0, 1e-9);
}

TEST(MatchedMasks, NeverRemoveEveryHiddenDimension) {
  torch::manual_seed(2);
  const EncoderConfig encoder = encoder_of(8, 12, 2, 2);
  const L0Module l0_module(PruningType::parse("hidden"), encoder, 2.0 / 3.0, torch::kCPU);
  EXPECT_EQ(PrunePlan::from_masks(l0_module.matched(0.99), encoder).hidden.size(), 1U);
}

}  // namespace
}  // namespace prumux::cofi

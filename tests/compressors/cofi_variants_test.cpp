#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "host.h"

namespace prumux::compressors {
namespace {

/// Every non-empty list of kinds.
std::vector<std::string> pruning_types() {
  const char* kinds[] = {"structured_heads", "structured_mlp", "hidden", "layer"};
  std::vector<std::string> types;
  for (unsigned subset = 1; subset < 16; ++subset) {
    std::string type;
    for (unsigned kind = 0; kind < 4; ++kind) {
      if ((subset >> kind & 1U) != 0) type += (type.empty() ? "" : "+") + std::string(kinds[kind]);
    }
    types.push_back(type);
  }
  return types;
}

class CofiVariants : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(PruningTypes, CofiVariants, testing::ValuesIn(pruning_types()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '+', '_');
                           return name;
                         });

TEST_P(CofiVariants, TrainAndShrinkWithEveryDistillation) {
  for (const char* version : {"2", "3", "4", "5", "6"}) {
    for (const char* matching : {"fixed", "ref"}) {
      SCOPED_TRACE(std::string("version ") + version + ", " + matching);
      Host host(make_model(4, 2, 4, 12, 3),
                make_compressor("cofi", {{"target_sparsity", "0.5"},
                                         {"pruning_type", GetParam()},
                                         {"distill_version", version},
                                         {"distill_matching", matching},
                                         {"learning_rate", "1"},
                                         {"prepruning_steps", "1"},
                                         {"warmup_steps", "1"}}),
                5);
      EXPECT_TRUE(host.compressor().training_masks(0).empty());
      host.steps(5);
      const auto metrics = host.compressor().metrics();
      EXPECT_TRUE(std::isfinite(metrics.at("layer_loss")));
      EXPECT_TRUE(std::isfinite(metrics.at("lagrangian")));
      const PrunePlan plan = host.compressor().finish();
      const StructureMasks masks = masks_of(plan, host.encoder());
      const at::Tensor masked = host.logits(&masks);
      host.model().prune(plan);
      EXPECT_LT((host.logits(nullptr) - masked).abs().max().item<double>(), 1e-5);
    }
  }
}

}  // namespace
}  // namespace prumux::compressors

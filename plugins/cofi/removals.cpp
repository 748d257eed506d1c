#include "removals.h"

#include <algorithm>

#include "hard_concrete.h"

namespace prumux::cofi {
namespace {

std::vector<std::int64_t> expected_or_none(const at::Tensor& log_alpha, std::int64_t rows,
                                           double temperature) {
  if (!log_alpha.defined()) return std::vector<std::int64_t>(static_cast<std::size_t>(rows), 0);
  return hard_concrete::expected_removals(log_alpha.reshape({rows, -1}), temperature);
}

at::Tensor mask_or_none(const at::Tensor& log_alpha, const std::vector<std::int64_t>& removals,
                        double temperature) {
  if (!log_alpha.defined()) return {};
  const auto rows = static_cast<std::int64_t>(removals.size());
  return hard_concrete::ranked_mask(log_alpha.reshape({rows, -1}), removals, temperature)
      .reshape(log_alpha.sizes());
}

}  // namespace

Removals Removals::expected(const UnitTensors& log_alphas, const EncoderConfig& encoder,
                            double temperature) {
  const std::int64_t layers = encoder.num_hidden_layers;
  Removals removals;
  removals.head = expected_or_none(log_alphas.head, layers, temperature);
  removals.intermediate = expected_or_none(log_alphas.intermediate, layers, temperature);
  removals.hidden = std::min(expected_or_none(log_alphas.hidden, 1, temperature).front(),
                             encoder.hidden_size - 1);
  removals.mlp = expected_or_none(log_alphas.mlp, layers, temperature);
  removals.head_layer = expected_or_none(log_alphas.head_layer, layers, temperature);
  return removals;
}

KeptStructure Removals::kept(const EncoderConfig& encoder) const {
  KeptStructure kept;
  for (std::size_t layer = 0; layer < head.size(); ++layer) {
    const bool attention = head_layer[layer] == 0;
    const bool feed_forward = mlp[layer] == 0;
    kept.heads.push_back(attention ? encoder.num_attention_heads - head[layer] : 0);
    kept.intermediates.push_back(feed_forward ? encoder.intermediate_size - intermediate[layer]
                                              : 0);
    kept.attention_blocks += attention ? 1 : 0;
    kept.mlp_blocks += feed_forward ? 1 : 0;
  }
  kept.hidden = encoder.hidden_size - hidden;
  return kept;
}

StructureMasks Removals::masks(const UnitTensors& log_alphas, double temperature) const {
  StructureMasks masks;
  masks.head = mask_or_none(log_alphas.head, head, temperature);
  masks.intermediate = mask_or_none(log_alphas.intermediate, intermediate, temperature);
  masks.hidden = mask_or_none(log_alphas.hidden, {hidden}, temperature);
  masks.mlp = mask_or_none(log_alphas.mlp, mlp, temperature);
  masks.head_layer = mask_or_none(log_alphas.head_layer, head_layer, temperature);
  return masks;
}

}  // namespace prumux::cofi

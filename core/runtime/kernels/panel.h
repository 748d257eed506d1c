#pragma once

#include <cstddef>

namespace prumux::runtime::kernels {

// Activations lie feature by feature, each feature's tokens side by side, in panels of 64 tokens:
// element (feature f, token t) is at [t / 64][f][t % 64]. So vectors run along tokens, and ragged
// numbers of features, as pruning leaves them, waste nothing; neither do LayerNorm and softmax,
// whose sums run down the panel.

constexpr std::size_t kPanelTokens = 64;
/// Kernels compute whole blocks of so many tokens; the surplus is computed on whatever is there.
constexpr std::size_t kTokenBlock = 16;

constexpr std::size_t panel_count(std::size_t tokens) {
  return (tokens + kPanelTokens - 1) / kPanelTokens;
}

/// Tokens of a panel that have to be computed, in whole blocks.
constexpr std::size_t panel_columns(std::size_t tokens, std::size_t panel) {
  const std::size_t left = tokens - panel * kPanelTokens;
  if (left >= kPanelTokens) return kPanelTokens;
  return (left + kTokenBlock - 1) / kTokenBlock * kTokenBlock;
}

}  // namespace prumux::runtime::kernels

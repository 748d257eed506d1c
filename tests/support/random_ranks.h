#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "prumux/structure.h"
#include "prumux/tensors.h"

namespace prumux::test {

/// A rank for each weight of encoder layers, with that probability.
inline std::map<std::string, std::int64_t> random_ranks(const NamedTensors& parameters,
                                                        double probability, std::mt19937& random) {
  std::map<std::string, std::int64_t> ranks;
  for (const auto& [name, tensor] : parameters) {
    if (!is_block_parameter(name) || tensor.dim() != 2) continue;
    if (!std::bernoulli_distribution(probability)(random)) continue;
    const std::int64_t full = std::min(tensor.size(0), tensor.size(1));
    ranks[name] = std::uniform_int_distribution<std::int64_t>(1, full)(random);
  }
  return ranks;
}

}  // namespace prumux::test

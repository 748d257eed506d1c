#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "prumux/multiplexer.h"

namespace prumux::train {

/// Tokens to be predicted by a vocabulary head, and what they are.
struct VocabularyTargets {
  TokenSelection selection;  ///< M tokens.
  at::Tensor targets;        ///< [M] int64.
};

/// Token retrieval (spec section 5): at each position of each group, the token of instance
/// `instance_labels` [B, L] (int64) of `rows` [B*N, L], the prefix left out. `kept` [B, L] (bool)
/// restricts the positions; undefined keeps all.
VocabularyTargets retrieval_targets(const TokenRows& rows, const at::Tensor& instance_labels,
                                    std::int64_t num_instances, std::int64_t prefix_length,
                                    const at::Tensor& kept);

/// Masked language modelling: the tokens where `labels` [R, L] is not -100; row r is instance
/// r mod N of group r / N, and its positions lie behind the prefix.
VocabularyTargets masked_lm_targets(const at::Tensor& labels, std::int64_t num_instances,
                                    std::int64_t prefix_length);

}  // namespace prumux::train

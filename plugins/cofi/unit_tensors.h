#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "prumux/tensors.h"

namespace prumux::cofi {

/// One tensor for each kind of prunable unit, of the shapes of `StructureMasks`; undefined where
/// that kind is not pruned. Holds log-alphas, keep probabilities, noise or masks.
struct UnitTensors {
  at::Tensor head;          ///< [L, H]
  at::Tensor intermediate;  ///< [L, I]
  at::Tensor hidden;        ///< [d]
  at::Tensor mlp;           ///< [L]
  at::Tensor head_layer;    ///< [L]

  /// Applies `function` to every defined tensor, in the order of the members.
  template <typename Function>
  UnitTensors map(const Function& function) const {
    const auto apply = [&function](const at::Tensor& tensor) {
      return tensor.defined() ? function(tensor) : tensor;
    };
    UnitTensors result;
    result.head = apply(head);
    result.intermediate = apply(intermediate);
    result.hidden = apply(hidden);
    result.mlp = apply(mlp);
    result.head_layer = apply(head_layer);
    return result;
  }

  /// The defined tensors as `prefix` + the member's name, in the order of the members.
  NamedTensors named(const std::string& prefix) const;
};

}  // namespace prumux::cofi

#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/selection.h"
#include "core/model/state_reader.h"
#include "prumux/tensors.h"

namespace prumux::model {

/// What a model ends in, as its checkpoint and its pruning see it.
class TaskHead : public torch::nn::Module {
 public:
  /// Returns the names that are missing: those tensors stay as they are, at width `features`.
  virtual std::vector<std::string> load(StateReader& state, std::int64_t features) = 0;

  /// Takes features of fewer dimensions from now on.
  virtual void prune_features(const UnitSelection& hidden) = 0;

  /// The parameters under their checkpoint names.
  virtual NamedTensors named_tensors() const = 0;

  /// What a checkpoint holds beside them.
  virtual NamedTensors constant_tensors() const { return {}; }
};

}  // namespace prumux::model

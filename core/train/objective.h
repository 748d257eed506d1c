#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/text/batch.h"
#include "prumux/compressor.h"
#include "prumux/tensors.h"

namespace prumux::train {

/// What a stage trains and towards what: everything in which one kind of training differs from
/// another. Used by one thread. Random numbers come from libtorch's default generator.
class Objective {
 public:
  virtual ~Objective() = default;

  /// The model's parameters, trainable and frozen, under their checkpoint names. They are handles:
  /// training changes the tensors in place.
  virtual NamedTensors parameters() = 0;

  /// Switches dropout on (training) or off.
  virtual void set_training(bool training) = 0;

  /// Called once, before anything else is asked of the objective.
  virtual void begin(const CompressionSchedule& /*schedule*/) {}

  /// The loss of one micro-batch, a scalar, after `step` optimiser steps.
  virtual at::Tensor loss(const text::Batch& batch, std::int64_t step) = 0;

  /// Whether the optimiser may change the model's parameter `name`.
  virtual bool trains(const std::string& /*name*/) const { return true; }

  /// Trainable parameters beside the model's own.
  virtual std::vector<ParameterGroup> parameter_groups() { return {}; }

  /// Called after the optimiser's step number `step` (the first is 1).
  virtual void after_step(std::int64_t /*step*/) {}

  /// Whether an evaluation at this moment may count as the best.
  virtual bool meets_target() { return true; }

  /// Numbers for the log beside the loss.
  virtual std::map<std::string, double> metrics() { return {}; }

  /// What a checkpoint must hold beside `parameters()`.
  virtual TensorMap state() const { return {}; }
  virtual void load_state(const TensorMap& /*state*/) {}
};

}  // namespace prumux::train

#pragma once

#include <cstddef>
#include <memory>

#include "core/model/model.h"
#include "core/train/compression_objective.h"
#include "core/train/imitation_objective.h"
#include "core/train/options.h"

namespace prumux::pipeline {

// Teachers need no gradient: they run on the inference kernels, in the training's precision.

/// Remembers up to `memory` bytes of states for texts that come again. Throws `ConfigError` for a
/// multiplexed model.
train::ImitatedModel imitated(const std::shared_ptr<model::Model>& teacher,
                              train::Precision precision, std::size_t memory);

/// Empty for a model that the kernels cannot run.
train::TeacherForward teacher_forward(const std::shared_ptr<model::Model>& teacher,
                                      train::Precision precision);

}  // namespace prumux::pipeline

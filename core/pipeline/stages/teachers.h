#pragma once

#include <memory>

#include "core/model/model.h"
#include "core/train/compression_objective.h"
#include "core/train/imitation_objective.h"
#include "core/train/options.h"

namespace prumux::pipeline {

// Teachers need no gradient: they run on the inference kernels, in the training's precision.

/// Throws `ConfigError` for a multiplexed model.
train::ImitatedModel imitated(const std::shared_ptr<model::Model>& teacher,
                              train::Precision precision);

/// Empty for a model that the kernels cannot run.
train::TeacherForward teacher_forward(const std::shared_ptr<model::Model>& teacher,
                                      train::Precision precision);

}  // namespace prumux::pipeline

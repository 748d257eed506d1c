#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "prumux/compressor.h"
#include "prumux/export.h"

namespace prumux {

/// T^2 KL(teacher || student) of logits [R, C] softened by the temperature T, mean over rows
/// (Hinton et al. 2015). For a regression (C = 1), where that is always 0, the mean squared error.
PRUMUX_EXPORT at::Tensor logit_distillation(const at::Tensor& student, const at::Tensor& teacher,
                                            double temperature);

/// (1 - weight) * the task's own loss + weight * `logit_distillation` at temperature 2. Throws
/// `DataError` in the name of `method` when the step has no teacher, unless the weight is 0.
PRUMUX_EXPORT at::Tensor task_and_teacher_loss(const TrainingStep& step, double weight,
                                               const std::string& method);

}  // namespace prumux

#include "prumux/logit_distillation.h"

#include <ATen/ATen.h>

#include "prumux/error.h"

namespace prumux {

at::Tensor logit_distillation(const at::Tensor& student, const at::Tensor& teacher,
                              double temperature) {
  const at::Tensor student_logits = student.to(at::kFloat);
  const at::Tensor teacher_logits = teacher.to(at::kFloat);
  if (student.size(1) == 1) return at::mse_loss(student_logits, teacher_logits);
  const at::Tensor divergence =
      at::kl_div(at::log_softmax(student_logits / temperature, -1),
                 at::softmax(teacher_logits / temperature, -1), at::Reduction::Sum);
  return divergence / static_cast<double>(student.size(0)) * (temperature * temperature);
}

at::Tensor task_and_teacher_loss(const TrainingStep& step, double weight,
                                 const std::string& method) {
  constexpr double kTemperature = 2.0;
  if (weight == 0.0) return step.task_loss;
  if (step.teacher == nullptr) {
    throw DataError(method +
                    " got no teacher's outputs; name a teacher, or set distillation_weight: 0");
  }
  const at::Tensor distillation =
      logit_distillation(step.student->logits, step.teacher->logits, kTemperature);
  if (weight == 1.0) return distillation;
  return (1.0 - weight) * step.task_loss + weight * distillation;
}

}  // namespace prumux

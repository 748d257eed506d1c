#include "student.h"

#include <ATen/ATen.h>

#include <utility>

#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "prumux/logit_distillation.h"
#include "prumux/saved_state.h"
#include "prumux/structure_scores.h"

namespace prumux::student {

Student::Student(const CompressorArguments& arguments)
    : target_sparsity_(arguments.parameters.real("target_sparsity")),
      layers_(arguments.parameters.integer("layers")),
      distillation_weight_(arguments.parameters.real("distillation_weight")),
      hidden_weight_(arguments.parameters.real("hidden_weight")) {}

void Student::attach(const ModelView& model, const CompressionSchedule& /*schedule*/) {
  require_dense(model, "student");
  const StudentShape shape = StudentShape::of(model.encoder(), target_sparsity_, layers_);
  attached_.emplace(Attached{model.encoder(), shape, student_masks(shape, model),
                             at::scalar_tensor(target_sparsity_, at::kDouble), at::Tensor()});
}

Student::Attached& Student::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const Student::Attached& Student::attached() const {
  if (!attached_) throw PluginError("student was used before it was attached to a model");
  return *attached_;
}

StructureMasks Student::training_masks(std::int64_t /*step*/) { return attached().masks; }

StructureMasks Student::evaluation_masks() { return attached().masks; }

std::optional<at::Tensor> Student::hidden_loss(const TrainingStep& step) const {
  if (hidden_weight_ == 0.0 || step.teacher == nullptr) return std::nullopt;
  const auto& own = step.student->hidden_states;
  const auto& teacher = step.teacher->hidden_states;
  // A teacher of another number of instances has other groups, and one of another size other
  // layers.
  if (own.size() != teacher.size() || own.empty() || own.back().sizes() != teacher.back().sizes()) {
    return std::nullopt;
  }
  at::Tensor sum = at::zeros({}, own.back().options());
  for (const std::int64_t layer : attached().shape.layers) {
    const auto state = static_cast<std::size_t>(layer) + 1;
    sum = sum + at::mse_loss(own[state], teacher[state]);
  }
  return sum / static_cast<double>(attached().shape.layers.size());
}

at::Tensor Student::loss(const TrainingStep& step) {
  const at::Tensor loss = task_and_teacher_loss(step, distillation_weight_, "student");
  const std::optional<at::Tensor> hidden = hidden_loss(step);
  attached().last_hidden_loss = hidden ? hidden->detach() : at::Tensor();
  return hidden ? loss + hidden_weight_ * *hidden : loss;
}

std::map<std::string, double> Student::metrics() {
  const Attached& own = attached();
  std::map<std::string, double> metrics = {{"sparsity", removed_share(own.masks, own.encoder)},
                                           {"target_sparsity", target_sparsity_}};
  if (own.last_hidden_loss.defined()) {
    metrics["hidden_loss"] = own.last_hidden_loss.item<double>();
  }
  return metrics;
}

PrunePlan Student::finish() { return PrunePlan::from_masks(attached().masks, attached().encoder); }

NamedTensors Student::Attached::tensors() const {
  return {{"mask.head", masks.head},
          {"mask.head_layer", masks.head_layer},
          {"mask.intermediate", masks.intermediate},
          {"mask.mlp", masks.mlp},
          {"target", target}};
}

TensorMap Student::state() const { return saved(attached().tensors()); }

void Student::load_state(const TensorMap& state) {
  Attached& own = attached();
  const TensorMap chosen = saved(own.tensors());
  restore(own.tensors(), state, "student");
  if (own.target.item<double>() != target_sparsity_) restore(own.tensors(), chosen, "student");
}

}  // namespace prumux::student

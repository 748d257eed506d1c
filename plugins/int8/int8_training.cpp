#include "int8_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <utility>

#include "prumux/error.h"
#include "prumux/logit_distillation.h"
#include "prumux/saved_state.h"
#include "row_quantization.h"

namespace prumux::int8 {
Int8Training::Int8Training(const CompressorArguments& arguments)
    : distillation_weight_(arguments.parameters.real("distillation_weight")) {}

void Int8Training::attach(const ModelView& model, const CompressionSchedule& /*schedule*/) {
  const at::NoGradGuard no_gradient;
  attached_.emplace(Attached{CurrentStructure::of(model), {}, {}});
  for (const auto& [name, tensor] : model.parameters()) {
    if (!is_block_parameter(name) || tensor.dim() != 2) continue;
    attached_->weights.emplace_back(name, tensor);
    attached_->exact.emplace_back(name, tensor.detach().clone());
    at::Tensor(tensor).copy_(round_rows(tensor));
  }
}

Int8Training::Attached& Int8Training::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const Int8Training::Attached& Int8Training::attached() const {
  if (!attached_) throw PluginError("int8 was used before it was attached to a model");
  return *attached_;
}

StructureMasks Int8Training::training_masks(std::int64_t /*step*/) { return {}; }

StructureMasks Int8Training::evaluation_masks() { return {}; }

at::Tensor Int8Training::loss(const TrainingStep& step) {
  return task_and_teacher_loss(step, distillation_weight_, "int8");
}

void Int8Training::after_step(std::int64_t /*step*/) {
  const at::NoGradGuard no_gradient;
  Attached& own = attached();
  for (std::size_t index = 0; index < own.weights.size(); ++index) {
    at::Tensor weight = own.weights[index].second;
    at::Tensor exact = own.exact[index].second;
    // The optimiser has moved the rounded weight; the exact one goes as far.
    exact.add_(weight - round_rows(exact));
    weight.copy_(round_rows(exact));
  }
}

std::map<std::string, double> Int8Training::metrics() {
  const at::NoGradGuard no_gradient;
  double error = 0.0;
  double size = 0.0;
  for (const auto& [name, exact] : attached().exact) {
    error += (round_rows(exact) - exact).square().sum().item<double>();
    size += exact.square().sum().item<double>();
  }
  return {{"rounding_error", size > 0.0 ? std::sqrt(error / size) : 0.0}};
}

PrunePlan Int8Training::finish() { return attached().structure.plan(); }

TensorMap Int8Training::state() const { return saved(attached().exact); }

void Int8Training::load_state(const TensorMap& state) {
  const at::NoGradGuard no_gradient;
  Attached& own = attached();
  restore(own.exact, state, "int8");
  for (std::size_t index = 0; index < own.weights.size(); ++index) {
    at::Tensor(own.weights[index].second).copy_(round_rows(own.exact[index].second));
  }
}

}  // namespace prumux::int8

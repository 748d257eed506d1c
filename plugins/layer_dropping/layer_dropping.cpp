#include "layer_dropping.h"

#include <ATen/ATen.h>

#include <utility>

#include "dropping_order.h"
#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "prumux/logit_distillation.h"
#include "prumux/saved_state.h"
#include "prumux/structure_scores.h"

namespace prumux::layer_dropping {

LayerDropping::LayerDropping(const CompressorArguments& arguments)
    : strategy_(arguments.parameters.string("strategy")),
      target_sparsity_(arguments.parameters.real("target_sparsity")),
      warmup_steps_(arguments.parameters.integer("warmup_steps")),
      distillation_weight_(arguments.parameters.real("distillation_weight")) {}

void LayerDropping::attach(const ModelView& model, const CompressionSchedule& /*schedule*/) {
  require_dense(model, "layer_dropping");
  attached_.emplace(Attached{model.encoder(),
                             dropping_order(strategy_, model.encoder().num_hidden_layers),
                             at::zeros({}, at::kLong), at::scalar_tensor(0.0, at::kDouble),
                             at::scalar_tensor(target_sparsity_, at::kDouble)});
}

LayerDropping::Attached& LayerDropping::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const LayerDropping::Attached& LayerDropping::attached() const {
  if (!attached_) throw PluginError("layer_dropping was used before it was attached to a model");
  return *attached_;
}

double LayerDropping::sparsity_at(std::int64_t step) const {
  if (step >= warmup_steps_) return target_sparsity_;
  const double start = attached().start.item<double>();
  const double progress = static_cast<double>(step) / static_cast<double>(warmup_steps_);
  return start + (target_sparsity_ - start) * progress;
}

StructureMasks LayerDropping::masks_at(double sparsity) const {
  return drop_layers(attached().order, attached().encoder, sparsity);
}

StructureMasks LayerDropping::training_masks(std::int64_t step) {
  return masks_at(sparsity_at(step));
}

StructureMasks LayerDropping::evaluation_masks() {
  return masks_at(sparsity_at(attached().step.item<std::int64_t>()));
}

at::Tensor LayerDropping::loss(const TrainingStep& step) {
  return task_and_teacher_loss(step, distillation_weight_, "layer_dropping");
}

void LayerDropping::after_step(std::int64_t step) { attached().step.fill_(step); }

bool LayerDropping::meets_target() { return attached().step.item<std::int64_t>() >= warmup_steps_; }

std::map<std::string, double> LayerDropping::metrics() {
  return {{"sparsity", removed_share(evaluation_masks(), attached().encoder)},
          {"target_sparsity", sparsity_at(attached().step.item<std::int64_t>())}};
}

PrunePlan LayerDropping::finish() {
  return PrunePlan::from_masks(masks_at(target_sparsity_), attached().encoder);
}

NamedTensors LayerDropping::Attached::tensors() const {
  return {{"step", step}, {"start", start}, {"target", target}};
}

TensorMap LayerDropping::state() const { return saved(attached().tensors()); }

void LayerDropping::load_state(const TensorMap& state) {
  Attached& own = attached();
  restore(own.tensors(), state, "layer_dropping");
  if (own.target.item<double>() == target_sparsity_) return;
  own.start.copy_(own.target);
  own.target.fill_(target_sparsity_);
  own.step.fill_(0);
}

}  // namespace prumux::layer_dropping

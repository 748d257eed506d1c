#include "distillation_compressor.h"

#include <utility>

#include "cofi_compressor.h"
#include "prumux/error.h"
#include "prumux/saved_state.h"

namespace prumux::cofi {

DistillationCompressor::DistillationCompressor(const CompressorArguments& arguments)
    : options_(DistillationOptions::from(arguments.parameters)),
      freeze_embeddings_(arguments.parameters.boolean("freeze_embeddings")) {}

void DistillationCompressor::attach(const ModelView& model,
                                    const CompressionSchedule& /*schedule*/) {
  attached_.emplace(Attached{CurrentStructure::of(model), Distillation(options_, model)});
}

DistillationCompressor::Attached& DistillationCompressor::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const DistillationCompressor::Attached& DistillationCompressor::attached() const {
  if (!attached_) throw PluginError("distillation was used before it was attached to a model");
  return *attached_;
}

StructureMasks DistillationCompressor::training_masks(std::int64_t /*step*/) { return {}; }

StructureMasks DistillationCompressor::evaluation_masks() { return {}; }

at::Tensor DistillationCompressor::loss(const TrainingStep& step) {
  return attached().distillation.loss(step);
}

std::vector<ParameterGroup> DistillationCompressor::parameter_groups() {
  return attached().distillation.parameter_groups();
}

bool DistillationCompressor::trains(const std::string& name) const {
  return !freeze_embeddings_ || !is_frozen_embedding(name);
}

std::map<std::string, double> DistillationCompressor::metrics() {
  return attached().distillation.metrics();
}

PrunePlan DistillationCompressor::finish() { return attached().structure.plan(); }

TensorMap DistillationCompressor::state() const { return saved(attached().distillation.state()); }

void DistillationCompressor::load_state(const TensorMap& state) {
  restore(attached().distillation.state(), state, "distillation");
}

}  // namespace prumux::cofi

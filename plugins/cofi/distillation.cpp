#include "distillation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "prumux/logit_distillation.h"

namespace prumux::cofi {
namespace {

std::vector<bool> existing_layers(const at::Tensor& mask) {
  std::vector<bool> exists;
  if (!mask.defined()) return exists;
  const at::Tensor kept = mask.detach().ne(0).to(at::kCPU).contiguous();
  const bool* first = kept.const_data_ptr<bool>();
  exists.assign(first, first + kept.numel());
  return exists;
}

/// Outputs of the layers, without the embeddings' output, as float32.
at::Tensor layer_output(const ForwardRecord& record, std::int64_t layer) {
  return record.hidden_states[static_cast<std::size_t>(layer) + 1].to(at::kFloat);
}

std::int64_t num_layers(const ForwardRecord& record) {
  return static_cast<std::int64_t>(record.hidden_states.size()) - 1;
}

std::vector<LayerPair> same_layers(std::int64_t layers, const at::Tensor& mlp_mask) {
  const std::vector<bool> exists = existing_layers(mlp_mask);
  std::vector<LayerPair> pairs;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    if (exists.empty() || exists[static_cast<std::size_t>(layer)]) pairs.push_back({layer, layer});
  }
  return pairs;
}

}  // namespace

DistillationOptions DistillationOptions::from(const Parameters& parameters) {
  DistillationOptions options;
  options.version = static_cast<AlignmentVersion>(parameters.integer("distill_version"));
  options.matching =
      parameters.string("distill_matching") == "ref" ? Matching::reference : Matching::fixed;
  options.temperature = parameters.real("distill_temperature");
  options.alpha_layer = parameters.real("alpha_layer");
  options.alpha_ce = parameters.real("alpha_ce");
  options.alpha_task = parameters.real("alpha_task");
  options.transformation_weight_decay = parameters.real("transformation_weight_decay");
  if (options.alpha_layer == 0.0 && options.alpha_ce == 0.0 && options.alpha_task == 0.0) {
    throw ConfigError(
        "alpha_layer, alpha_ce and alpha_task are all 0: the model would learn nothing; give at "
        "least one of them a positive weight");
  }
  return options;
}

Distillation::Distillation(const DistillationOptions& options, const ModelView& student)
    : options_(options) {
  if (!needs_hidden_states()) return;
  const NamedTensors parameters = student.parameters();
  const at::Device device =
      parameters.empty() ? at::Device(at::kCPU) : parameters.front().second.device();
  transformation_.emplace(CurrentStructure::of(student).hidden, student.encoder().hidden_size,
                          at::TensorOptions().dtype(at::kFloat).device(device));
}

at::Tensor Distillation::loss(const TrainingStep& step) {
  if (step.teacher == nullptr) {
    throw DataError("distillation got no teacher's outputs; name a teacher, or set distill: false");
  }
  layers_skipped_ = needs_hidden_states() && !comparable(step);
  if (layers_skipped_ && options_.alpha_ce == 0.0 && options_.alpha_task == 0.0) {
    throw DataError(
        "the teacher's hidden states do not have the student's shape, so that only its logits "
        "can be distilled, but alpha_ce is 0; give alpha_ce a positive weight, or take a teacher "
        "with as many instances and dimensions");
  }
  const at::Tensor ce =
      logit_distillation(step.student->logits, step.teacher->logits, options_.temperature);
  last_ce_loss_ = ce.detach();
  at::Tensor total = options_.alpha_ce * ce;
  last_layer_loss_ = at::Tensor();
  if (needs_hidden_states() && !layers_skipped_) {
    const at::Tensor layers = layer_loss(step);
    last_layer_loss_ = layers.detach();
    total = total + options_.alpha_layer * layers;
  }
  if (options_.alpha_task > 0.0) total = total + options_.alpha_task * step.task_loss;
  return total;
}

bool Distillation::comparable(const TrainingStep& step) const {
  const auto& student = step.student->hidden_states;
  const auto& teacher = step.teacher->hidden_states;
  if (student.size() < 2 || teacher.size() < 2) return false;
  const at::Tensor& from = student.back();
  const at::Tensor& to = teacher.back();
  return from.size(0) == to.size(0) && from.size(1) == to.size(1) &&
         from.size(2) == transformation_->student_width() &&
         to.size(2) == transformation_->teacher_width();
}

std::vector<LayerPair> Distillation::aligned(const TrainingStep& step) const {
  const at::NoGradGuard no_gradient;
  const std::int64_t student_layers = num_layers(*step.student);
  const std::int64_t teacher_layers = num_layers(*step.teacher);
  const StructureMasks none;
  const StructureMasks& masks = step.masks != nullptr ? *step.masks : none;
  if (options_.version == AlignmentVersion::same_layer) {
    return same_layers(std::min(student_layers, teacher_layers), masks.mlp);
  }
  std::vector<at::Tensor> outputs;
  for (std::int64_t layer = 0; layer < student_layers; ++layer) {
    outputs.push_back(
        transformation_->apply(layer_output(*step.student, layer), step.product_type));
  }
  const std::vector<std::int64_t> layers = distilled_layers(options_.version, teacher_layers);
  std::vector<at::Tensor> distances;
  for (const std::int64_t layer : layers) {
    const at::Tensor target = layer_output(*step.teacher, layer);
    // Pair by pair what is between stays in the cache.
    std::vector<at::Tensor> row;
    for (const at::Tensor& output : outputs) row.push_back(at::mse_loss(output, target));
    distances.push_back(at::stack(row));
  }
  return align_layers(options_.version, options_.matching, layers, at::stack(distances),
                      existing_layers(masks.head_layer));
}

at::Tensor Distillation::layer_loss(const TrainingStep& step) {
  if (transformation_->needs_fit()) {
    std::vector<at::Tensor> student;
    std::vector<at::Tensor> teacher;
    const std::size_t count =
        std::min(step.student->hidden_states.size(), step.teacher->hidden_states.size());
    for (std::size_t state = 0; state < count; ++state) {
      student.push_back(step.student->hidden_states[state]);
      teacher.push_back(step.teacher->hidden_states[state]);
    }
    transformation_->fit(student, teacher);
  }
  at::Tensor total = at::zeros({}, step.student->logits.options().dtype(at::kFloat));
  for (const LayerPair& pair : aligned(step)) {
    const at::Tensor student =
        transformation_->apply(layer_output(*step.student, pair.student), step.product_type);
    total = total + at::mse_loss(student, layer_output(*step.teacher, pair.teacher));
  }
  return total;
}

std::vector<ParameterGroup> Distillation::parameter_groups() const {
  if (!transformation_) return {};
  return transformation_->parameter_groups(options_.transformation_weight_decay);
}

std::map<std::string, double> Distillation::metrics() const {
  std::map<std::string, double> metrics;
  if (last_ce_loss_.defined()) metrics["ce_loss"] = last_ce_loss_.item<double>();
  if (last_layer_loss_.defined()) metrics["layer_loss"] = last_layer_loss_.item<double>();
  if (layers_skipped_) metrics["layer_distillation_skipped"] = 1.0;
  return metrics;
}

NamedTensors Distillation::state() const {
  return transformation_ ? transformation_->state() : NamedTensors{};
}

}  // namespace prumux::cofi

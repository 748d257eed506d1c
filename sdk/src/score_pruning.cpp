#include "prumux/score_pruning.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "prumux/logit_distillation.h"
#include "prumux/saved_state.h"

namespace prumux {
namespace {

constexpr double kDefaultWarmupShare = 0.6;
constexpr double kRoundingSlack = 1e-9;

at::Tensor number(double value) { return at::scalar_tensor(value, at::kDouble); }

at::Tensor leaf_of(const at::Tensor& mask) { return mask.clone().set_requires_grad(true); }

at::Device device_of(const ModelView& model) {
  const NamedTensors parameters = model.parameters();
  return parameters.empty() ? at::Device(at::kCPU) : parameters.front().second.device();
}

at::Tensor gradient_of(const at::Tensor& leaf) {
  if (!leaf.defined()) return leaf;
  return leaf.grad().defined() ? leaf.grad().detach() : at::zeros_like(leaf);
}

}  // namespace

ScorePruningOptions ScorePruningOptions::from(const Parameters& parameters) {
  ScorePruningOptions options;
  options.target_sparsity = parameters.real("target_sparsity");
  options.prepruning_steps = parameters.integer("prepruning_steps");
  options.warmup_steps = parameters.integer("warmup_steps");
  options.update_every = parameters.integer("update_every");
  options.prune_hidden = parameters.boolean("prune_hidden");
  options.distillation_weight = parameters.real("distillation_weight");
  options.ranking =
      parameters.string("ranking") == "balanced" ? Ranking::balanced : Ranking::global;
  return options;
}

/// What exists only for a model. Scalars are tensors, so that they are saved with the others.
struct ScorePruning::Progress {
  EncoderConfig encoder;
  std::int64_t total_steps = 0;
  StructureMasks masks;                        ///< Zeros and ones; only ones before pruning begins.
  StructureMasks leaves;                       ///< Copies with gradients, of one optimiser step.
  at::Tensor step = at::zeros({}, at::kLong);  ///< Optimiser steps done.
  at::Tensor updated = at::full({}, -1, at::kLong);  ///< Step of the last ranking.
  at::Tensor pruned = number(0.0);                   ///< Sparsity that it was made for.
  at::Tensor start = number(0.0);                    ///< Sparsity from which this run began.
  at::Tensor target = number(0.0);

  explicit Progress(const ModelView& model) : encoder(model.encoder()) {
    const at::TensorOptions options = at::device(device_of(model)).dtype(at::kFloat);
    const std::int64_t layers = encoder.num_hidden_layers;
    masks.head = at::ones({layers, encoder.num_attention_heads}, options);
    masks.head_layer = at::ones({layers}, options);
    masks.intermediate = at::ones({layers, encoder.intermediate_size}, options);
    masks.mlp = at::ones({layers}, options);
    masks.hidden = at::ones({encoder.hidden_size}, options);
  }

  bool continues() const { return start.item<double>() > 0.0; }
  double reached() const { return pruned.item<double>(); }
};

ScorePruning::ScorePruning(std::string name, const ScorePruningOptions& options)
    : name_(std::move(name)), options_(options) {}

ScorePruning::~ScorePruning() = default;

ScorePruning::Progress& ScorePruning::progress() {
  return const_cast<Progress&>(std::as_const(*this).progress());
}

const ScorePruning::Progress& ScorePruning::progress() const {
  if (!progress_) throw PluginError(name_ + " was used before it was attached to a model");
  return *progress_;
}

void ScorePruning::attach(const ModelView& model, const CompressionSchedule& schedule) {
  require_dense(model, name_);
  progress_ = std::make_unique<Progress>(model);
  progress_->total_steps = schedule.total_steps;
  progress_->target.fill_(options_.target_sparsity);
  begin(model);
}

double ScorePruning::sparsity_at(std::int64_t step) const {
  const Progress& own = progress();
  const std::int64_t before = own.continues() ? 0 : options_.prepruning_steps;
  const double start = own.start.item<double>();
  if (step < before) return start;
  const double rest = std::max<double>(0.0, static_cast<double>(own.total_steps - before));
  const double warmup = options_.warmup_steps < 0 ? std::floor(rest * kDefaultWarmupShare)
                                                  : static_cast<double>(options_.warmup_steps);
  const double progress = static_cast<double>(step - before);
  if (progress >= warmup) return options_.target_sparsity;
  const double left = 1.0 - progress / warmup;
  return options_.target_sparsity - (options_.target_sparsity - start) * left * left * left;
}

void ScorePruning::prune_to(double sparsity) {
  Progress& own = progress();
  StructureScores scores = this->scores();
  if (!options_.prune_hidden) scores.hidden.reset();
  const StructureMasks masks = keep_most_important(scores, own.encoder, sparsity, options_.ranking);
  own.masks.head.copy_(masks.head);
  own.masks.head_layer.copy_(masks.head_layer);
  own.masks.intermediate.copy_(masks.intermediate);
  own.masks.mlp.copy_(masks.mlp);
  if (masks.hidden.defined()) own.masks.hidden.copy_(masks.hidden);
  own.pruned.fill_(sparsity);
}

void ScorePruning::update_masks(std::int64_t step) {
  Progress& own = progress();
  const double sparsity = sparsity_at(step);
  if (sparsity <= own.reached()) return;
  const auto updated = own.updated.item<std::int64_t>();
  const bool is_due = updated < 0 || step - updated >= options_.update_every;
  if (!is_due && sparsity < options_.target_sparsity) return;
  prune_to(sparsity);
  own.updated.fill_(step);
  own.leaves = {};
}

StructureMasks ScorePruning::training_masks(std::int64_t step) {
  Progress& own = progress();
  update_masks(step);
  if (!observes_gradients() || meets_target()) return evaluation_masks();
  if (own.leaves.empty()) {
    own.leaves.head = leaf_of(own.masks.head);
    own.leaves.intermediate = leaf_of(own.masks.intermediate);
    if (options_.prune_hidden) own.leaves.hidden = leaf_of(own.masks.hidden);
  }
  StructureMasks masks = own.leaves;

  masks.head_layer = own.masks.head_layer;
  masks.mlp = own.masks.mlp;
  return masks;
}

StructureMasks ScorePruning::evaluation_masks() { return progress().masks; }

at::Tensor ScorePruning::loss(const TrainingStep& step) {
  return task_and_teacher_loss(step, options_.distillation_weight, name_);
}

void ScorePruning::observe(const StructureScores& /*gradients*/) {}

void ScorePruning::after_step(std::int64_t step) {
  Progress& own = progress();
  own.step.fill_(step);
  if (own.leaves.empty()) return;
  observe({gradient_of(own.leaves.head), gradient_of(own.leaves.intermediate),
           gradient_of(own.leaves.hidden)});
  own.leaves = {};
}

bool ScorePruning::meets_target() {
  return progress().reached() >= options_.target_sparsity - kRoundingSlack;
}

std::map<std::string, double> ScorePruning::metrics() {
  const Progress& own = progress();
  return {{"sparsity", removed_share(own.masks, own.encoder)},
          {"target_sparsity", sparsity_at(own.step.item<std::int64_t>())}};
}

PrunePlan ScorePruning::finish() {
  // A training that was shorter than the warm-up.
  if (!meets_target()) prune_to(options_.target_sparsity);
  return PrunePlan::from_masks(progress().masks, progress().encoder);
}

NamedTensors ScorePruning::tensors() const {
  const Progress& own = progress();
  NamedTensors tensors = {{"mask.head", own.masks.head},
                          {"mask.head_layer", own.masks.head_layer},
                          {"mask.intermediate", own.masks.intermediate},
                          {"mask.mlp", own.masks.mlp},
                          {"mask.hidden", own.masks.hidden},
                          {"step", own.step},
                          {"updated", own.updated},
                          {"pruned", own.pruned},
                          {"start", own.start},
                          {"target", own.target}};
  for (const auto& tensor : score_state()) tensors.push_back(tensor);
  return tensors;
}

TensorMap ScorePruning::state() const { return saved(tensors()); }

void ScorePruning::load_state(const TensorMap& state) {
  restore(tensors(), state, name_);
  Progress& own = progress();
  if (own.target.item<double>() == options_.target_sparsity) return;
  own.start.copy_(own.pruned);
  own.target.fill_(options_.target_sparsity);
  own.step.fill_(0);
  own.updated.fill_(-1);
}

}  // namespace prumux

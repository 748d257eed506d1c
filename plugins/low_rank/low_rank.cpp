#include "low_rank.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "prumux/error.h"
#include "prumux/logit_distillation.h"
#include "prumux/saved_state.h"
#include "subspace.h"

namespace prumux::low_rank {
namespace {

at::Tensor counter(std::int64_t value) { return at::scalar_tensor(value, at::kLong); }

}  // namespace

LowRank::LowRank(const CompressorArguments& arguments)
    : target_sparsity_(arguments.parameters.real("target_sparsity")),
      warmup_share_(arguments.parameters.real("warmup_share")),
      update_every_(arguments.parameters.integer("update_every")),
      distillation_weight_(arguments.parameters.real("distillation_weight")) {}

void LowRank::attach(const ModelView& model, const CompressionSchedule& schedule) {
  Attached own;
  own.structure = CurrentStructure::of(model);
  if (own.structure.factorised) {
    throw DataError(
        "low_rank takes models whose weights are whole, pruned or not, but this one is factorised "
        "already. Start from the model before it was");
  }
  own.dense_parameters = static_cast<double>(UnitCosts::of(model.encoder()).prunable);
  own.warmup_steps = static_cast<std::int64_t>(
      std::floor(warmup_share_ * static_cast<double>(schedule.total_steps)));
  own.step = counter(0);
  own.target = at::scalar_tensor(target_sparsity_, at::kDouble);
  std::vector<WeightShape> shapes;
  for (const auto& [name, tensor] : model.parameters()) {
    if (!is_block_parameter(name)) continue;
    if (tensor.dim() != 2) {
      own.other_parameters += static_cast<double>(tensor.numel());
    } else if (tensor.numel() > 0) {
      shapes.push_back({tensor.size(0), tensor.size(1)});
      const std::int64_t full = shapes.back().full_rank();
      own.weights.push_back({name, tensor, shapes.back(), full, counter(full), counter(full), {}});
    }
  }
  const std::vector<std::int64_t> targets =
      ranks_within(shapes, (1.0 - target_sparsity_) * own.dense_parameters - own.other_parameters);
  for (std::size_t index = 0; index < targets.size(); ++index) {
    own.weights[index].target_rank = targets[index];
  }
  attached_ = std::move(own);
}

LowRank::Attached& LowRank::attached() {
  return const_cast<Attached&>(std::as_const(*this).attached());
}

const LowRank::Attached& LowRank::attached() const {
  if (!attached_) throw PluginError("low_rank was used before it was attached to a model");
  return *attached_;
}

/// Falls with the cube of the progress, as the sparsity of Zhu and Gupta (2018) rises.
std::int64_t LowRank::rank_at(const Weight& weight, std::int64_t step) const {
  const std::int64_t warmup = attached().warmup_steps;
  if (step >= warmup) return weight.target_rank;
  const std::int64_t whole = step / update_every_ * update_every_;
  const double left = 1.0 - static_cast<double>(whole) / static_cast<double>(warmup);
  const auto start = weight.start.item<std::int64_t>();
  const double above = static_cast<double>(start - weight.target_rank) * left * left * left;
  return weight.target_rank + static_cast<std::int64_t>(std::ceil(above));
}

void LowRank::Weight::lower_to(std::int64_t new_rank) {
  const at::NoGradGuard no_gradient;
  if (new_rank < rank.item<std::int64_t>()) {
    basis = leading_subspace(tensor.detach(), new_rank);
    rank.fill_(new_rank);
  } else if (!is_full()) {
    basis = follow_subspace(tensor.detach(), basis);
  }
  if (!is_full()) tensor.copy_(project(tensor.detach(), basis));
}

StructureMasks LowRank::training_masks(std::int64_t /*step*/) { return {}; }

StructureMasks LowRank::evaluation_masks() { return {}; }

at::Tensor LowRank::loss(const TrainingStep& step) {
  return task_and_teacher_loss(step, distillation_weight_, "low_rank");
}

void LowRank::after_step(std::int64_t step) {
  Attached& own = attached();
  own.step.fill_(step);
  for (Weight& weight : own.weights) weight.lower_to(rank_at(weight, step));
}

bool LowRank::meets_target() {
  const std::vector<Weight>& weights = attached().weights;
  return std::all_of(weights.begin(), weights.end(), [](const Weight& weight) {
    return weight.rank.item<std::int64_t>() <= weight.target_rank;
  });
}

std::map<std::string, double> LowRank::metrics() {
  const Attached& own = attached();
  double kept = own.other_parameters;
  for (const Weight& weight : own.weights) {
    const auto rank = weight.rank.item<std::int64_t>();
    kept += static_cast<double>(is_smaller(weight.shape, rank) ? rank * weight.shape.rank_cost()
                                                               : weight.shape.size());
  }
  return {{"sparsity", 1.0 - kept / own.dense_parameters}, {"target_sparsity", target_sparsity_}};
}

PrunePlan LowRank::finish() {
  Attached& own = attached();
  for (Weight& weight : own.weights) {
    if (weight.rank.item<std::int64_t>() > weight.target_rank) weight.lower_to(weight.target_rank);
  }
  return own.structure.plan();
}

std::map<std::string, std::int64_t> LowRank::ranks() {
  std::map<std::string, std::int64_t> ranks;
  for (const Weight& weight : attached().weights) {
    if (is_smaller(weight.shape, weight.target_rank)) ranks[weight.name] = weight.target_rank;
  }
  return ranks;
}

NamedTensors LowRank::Attached::tensors() const {
  NamedTensors tensors = {{"step", step}, {"target", target}};
  for (const Weight& weight : weights) {
    tensors.emplace_back(weight.name + ".rank", weight.rank);
    tensors.emplace_back(weight.name + ".start", weight.start);
  }
  return tensors;
}

TensorMap LowRank::state() const {
  NamedTensors tensors = attached().tensors();
  for (const Weight& weight : attached().weights) {
    if (!weight.is_full()) tensors.emplace_back(weight.name + ".basis", weight.basis);
  }
  return saved(tensors);
}

void LowRank::load_state(const TensorMap& state) {
  Attached& own = attached();
  NamedTensors tensors = own.tensors();
  std::vector<at::Tensor> bases;
  for (const Weight& weight : own.weights) {
    at::Tensor& basis = bases.emplace_back();
    const auto found = state.find(weight.name + ".basis");
    if (found == state.end()) continue;
    const std::int64_t rank = found->second.dim() == 2 ? found->second.size(1) : 0;
    basis = at::empty({weight.shape.full_rank(), rank}, weight.tensor.options());
    tensors.emplace_back(weight.name + ".basis", basis);
  }
  restore(tensors, state, "low_rank");
  for (std::size_t index = 0; index < bases.size(); ++index) {
    own.weights[index].basis = bases[index];
  }
  if (own.target.item<double>() == target_sparsity_) return;
  // The last run of a sweep: its ranks are where this one starts.
  for (Weight& weight : own.weights) weight.start.copy_(weight.rank);
  own.target.fill_(target_sparsity_);
  own.step.fill_(0);
}

}  // namespace prumux::low_rank

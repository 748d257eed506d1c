#include "core/train/imitation_objective.h"

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include <utility>

#include "core/train/autocast.h"
#include "core/train/task_objective.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

constexpr double kMapLearningRate = 1e-3;

}  // namespace

ImitationObjective::ImitationObjective(std::shared_ptr<model::Model> student, ImitatedModel teacher,
                                       Precision precision)
    : student_(std::move(student)), teacher_(std::move(teacher)), precision_(precision) {
  const std::int64_t expected = student_->config().encoder.hidden_size;
  if (teacher_.hidden_size != expected) {
    throw ConfigError(
        fmt::format("imitation needs a teacher of the model's hidden size {}, but the teacher's is "
                    "{}",
                    expected, teacher_.hidden_size));
  }
  map_ = at::zeros({expected, expected}).requires_grad_();
}

NamedTensors ImitationObjective::parameters() { return student_->checkpoint_parameters(); }

void ImitationObjective::set_training(bool training) { student_->train(training); }

at::Tensor ImitationObjective::loss(const text::Batch& batch, std::int64_t /*step*/) {
  at::Tensor target = teacher_.token_states(batch);
  at::Tensor features;
  {
    const Autocast autocast(precision_);
    features = student_->token_features(student_->encode(model_inputs(batch), {})).to(at::kFloat);
  }
  const at::Tensor tokens = batch.attention_mask.to(at::kBool);
  // Standardised, so that a constant and the scale of a direction are nothing to learn.
  target = (target - target.mean(0)) / target.std(0, /*unbiased=*/false).clamp_min(1e-6);
  const at::Tensor loss = (features.index({tokens}).matmul(map_) - target).square().mean();
  metrics_ = {{"unexplained_variance", loss.item<double>()}};
  return loss;
}

std::vector<ParameterGroup> ImitationObjective::parameter_groups() {
  return {
      {.name = "imitation map", .parameters = {{"map", map_}}, .learning_rate = kMapLearningRate}};
}

TensorMap ImitationObjective::state() const { return {{"map", map_}}; }

void ImitationObjective::load_state(const TensorMap& state) {
  const at::NoGradGuard no_gradient;
  map_.copy_(state.at("map"));
}

}  // namespace prumux::train

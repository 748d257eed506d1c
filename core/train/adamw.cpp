#include "core/train/adamw.h"

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include <set>

#include "prumux/error.h"

namespace prumux::train {
namespace {

constexpr const char* kFirstMoment = "/first_moment";
constexpr const char* kSecondMoment = "/second_moment";
constexpr const char* kSteps = "/steps";

void check_trainable(const std::string& name, const at::Tensor& parameter) {
  const char* fault = nullptr;
  if (!parameter.defined()) {
    fault = "is undefined";
  } else if (parameter.scalar_type() != at::kFloat) {
    fault = "is not float32";
  } else if (!parameter.is_contiguous()) {
    fault = "is not contiguous";
  } else if (!parameter.requires_grad() || !parameter.is_leaf()) {
    fault = "is not a leaf that requires a gradient";
  }
  if (fault != nullptr)
    throw PluginError(fmt::format("parameter '{}' cannot be trained: it {}", name, fault));
}

const at::Tensor* find(const TensorMap& state, const std::string& name) {
  const auto found = state.find(name);
  return found == state.end() ? nullptr : &found->second;
}

}  // namespace

AdamWGroup adamw_group(const ParameterGroup& group, double learning_rate) {
  return {"group/" + group.name,
          group.parameters,
          group.learning_rate.value_or(learning_rate),
          !group.learning_rate.has_value(),
          group.weight_decay,
          group.maximize};
}

AdamW::AdamW(std::vector<AdamWGroup> groups, const AdamWConstants& constants)
    : constants_(constants) {
  std::set<std::string> names;
  for (AdamWGroup& settings : groups) {
    Group group;
    for (const auto& [parameter_name, parameter] : settings.parameters) {
      std::string name = settings.name + "/" + parameter_name;
      check_trainable(name, parameter);
      if (!names.insert(name).second)
        throw PluginError(fmt::format("two parameters are named '{}'", name));
      group.slots.push_back({std::move(name), parameter, {}, {}, {}});
    }
    group.settings = std::move(settings);
    groups_.push_back(std::move(group));
  }
}

void AdamW::step(double schedule_factor) {
  const at::NoGradGuard no_gradient;
  for (Group& group : groups_) {
    std::vector<at::Tensor> parameters, gradients, first_moments, second_moments, steps;
    for (Slot& slot : group.slots) {
      const at::Tensor& gradient = slot.parameter.grad();
      if (!gradient.defined()) continue;
      if (!slot.steps.defined()) {
        slot.first_moment = at::zeros_like(slot.parameter);
        slot.second_moment = at::zeros_like(slot.parameter);
        slot.steps = at::zeros({}, at::kFloat);
      }
      slot.steps.add_(1);
      parameters.push_back(slot.parameter);
      gradients.push_back(gradient.contiguous());
      first_moments.push_back(slot.first_moment);
      second_moments.push_back(slot.second_moment);
      steps.push_back(slot.steps);
    }
    if (parameters.empty()) continue;
    const AdamWGroup& settings = group.settings;
    const double learning_rate =
        settings.learning_rate * (settings.follows_schedule ? schedule_factor : 1.0);
    at::_fused_adamw_(parameters, gradients, first_moments, second_moments, {}, steps,
                      learning_rate, constants_.beta1, constants_.beta2, settings.weight_decay,
                      constants_.epsilon, /*amsgrad=*/false, settings.maximize);
  }
}

void AdamW::zero_gradients() {
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) slot.parameter.mutable_grad().reset();
  }
}

TensorMap AdamW::state() const {
  TensorMap state;
  for (const Group& group : groups_) {
    for (const Slot& slot : group.slots) {
      if (!slot.steps.defined()) continue;
      state[slot.name + kFirstMoment] = slot.first_moment;
      state[slot.name + kSecondMoment] = slot.second_moment;
      state[slot.name + kSteps] = slot.steps;
    }
  }
  return state;
}

void AdamW::load_state(const TensorMap& state) {
  const at::NoGradGuard no_gradient;
  std::size_t used = 0;
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) {
      const at::Tensor* first = find(state, slot.name + kFirstMoment);
      const at::Tensor* second = find(state, slot.name + kSecondMoment);
      const at::Tensor* steps = find(state, slot.name + kSteps);
      if (first == nullptr && second == nullptr && steps == nullptr) continue;
      if (first == nullptr || second == nullptr || steps == nullptr ||
          first->sizes() != slot.parameter.sizes() || second->sizes() != slot.parameter.sizes() ||
          steps->numel() != 1)
        throw DataError(
            fmt::format("the optimiser's saved state does not fit parameter '{}'", slot.name));
      slot.first_moment = first->to(at::kFloat).clone();
      slot.second_moment = second->to(at::kFloat).clone();
      slot.steps = steps->to(at::kFloat).reshape({}).clone();
      used += 3;
    }
  }
  if (used != state.size())
    throw DataError(
        fmt::format("the optimiser's saved state holds {} tensors, of which only {} "
                    "belong to parameters of this training",
                    state.size(), used));
}

double clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm) {
  const at::NoGradGuard no_gradient;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0.0;
  const at::Tensor norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)));
  const double value = norm.item<double>();
  const at::Tensor scale = max_norm / (norm + 1e-6);
  if (max_norm > 0 && scale.item<double>() < 1.0) at::_foreach_mul_(gradients, scale);
  return value;
}

}  // namespace prumux::train

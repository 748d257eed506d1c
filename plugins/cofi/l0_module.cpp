#include "l0_module.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "hard_concrete.h"
#include "removals.h"

namespace prumux::cofi {
namespace {

constexpr double kInitialLogAlpha = 10.0;
constexpr double kInitialIntermediateLogAlpha = 0.0;
constexpr double kInitialDeviation = 0.01;

at::Tensor initial_log_alpha(at::IntArrayRef shape, double mean, const c10::Device& device) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kFloat).device(device));
  return tensor.normal_(mean, kInitialDeviation).set_requires_grad(true);
}

}  // namespace

L0Module::L0Module(const PruningType& type, const EncoderConfig& encoder, double temperature,
                   const c10::Device& device)
    : encoder_(encoder), size_(encoder), temperature_(temperature) {
  const std::int64_t layers = encoder.num_hidden_layers;
  const auto kept = [&device](at::IntArrayRef shape) {
    return initial_log_alpha(shape, kInitialLogAlpha, device);
  };
  if (type.heads) log_alphas_.head = kept({layers, encoder.num_attention_heads});
  if (type.intermediates) {
    log_alphas_.intermediate = initial_log_alpha({layers, encoder.intermediate_size},
                                                 kInitialIntermediateLogAlpha, device);
  }
  if (type.hidden) log_alphas_.hidden = kept({encoder.hidden_size});
  if (type.layers) {
    log_alphas_.mlp = kept({layers});
    log_alphas_.head_layer = kept({layers});
  }
}

UnitTensors L0Module::noise() const { return log_alphas_.map(hard_concrete::uniform_noise); }

StructureMasks L0Module::sample(const UnitTensors& noise) const {
  const auto sampled = [this](const at::Tensor& log_alpha, const at::Tensor& uniform) {
    return log_alpha.defined() ? hard_concrete::sample(log_alpha, uniform, temperature_)
                               : at::Tensor();
  };
  StructureMasks masks;
  masks.head = sampled(log_alphas_.head, noise.head);
  masks.intermediate = sampled(log_alphas_.intermediate, noise.intermediate);
  masks.hidden = sampled(log_alphas_.hidden, noise.hidden);
  masks.mlp = sampled(log_alphas_.mlp, noise.mlp);
  masks.head_layer = sampled(log_alphas_.head_layer, noise.head_layer);
  return masks;
}

StructureMasks L0Module::deterministic() const {
  return Removals::expected(log_alphas_, encoder_, temperature_).masks(log_alphas_, temperature_);
}

StructureMasks L0Module::matched(double target_sparsity) const {
  return match_removals(log_alphas_, encoder_, temperature_, target_sparsity)
      .masks(log_alphas_, temperature_);
}

at::Tensor L0Module::expected_sparsity() const {
  const UnitTensors probabilities = log_alphas_.map([this](const at::Tensor& log_alpha) {
    return hard_concrete::keep_probability(log_alpha, temperature_);
  });
  return 1 - size_.expected(probabilities) / static_cast<double>(size_.prunable());
}

void L0Module::clamp() {
  const at::NoGradGuard no_gradient;
  log_alphas_.map([](const at::Tensor& log_alpha) {
    return log_alpha.clamp_(hard_concrete::kMinimumLogAlpha, hard_concrete::kMaximumLogAlpha);
  });
}

}  // namespace prumux::cofi

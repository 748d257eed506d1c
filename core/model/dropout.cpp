#include "core/model/dropout.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <tuple>

#include "core/model/first_derivative.h"
#include "core/model/loops.h"

namespace prumux::model {
namespace {

/// Elements that are worth a thread, and that are converted together.
constexpr std::int64_t kGrain = 16384;
constexpr std::int64_t kBlock = 1024;

/// Whose 32 bits are all set.
constexpr double kLargest = 1.0 - 0x1p-32;

std::uint64_t draw_seed() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

at::Tensor drop_elements(const DropoutDraw& draw, const at::Tensor& input) {
  const at::Tensor x = input.contiguous();
  at::Tensor result = at::empty_like(x);
  at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    if (x.scalar_type() == at::kFloat) {
      draw.apply(x.const_data_ptr<float>() + begin, end - begin, begin,
                 result.mutable_data_ptr<float>() + begin);
      return;
    }
    const auto* const from = static_cast<const std::uint16_t*>(x.const_data_ptr());
    auto* const to = static_cast<std::uint16_t*>(result.mutable_data_ptr());
    std::array<float, kBlock> block{};
    std::array<float, kBlock> kept{};
    for (std::int64_t first = begin; first < end; first += kBlock) {
      const std::int64_t count = std::min(kBlock, end - first);
      from_bfloat16(from + first, count, block.data());
      draw.apply(block.data(), count, first, kept.data());
      to_bfloat16(kept.data(), count, to + first);
    }
  });
  return result;
}

class Dropout : public torch::autograd::Function<Dropout> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double probability) {
    const DropoutDraw draw(probability);
    context->saved_data["dropout"] = draw.save();
    return drop_elements(draw, x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    require_first_derivative();
    return {drop_elements(DropoutDraw::load(context->saved_data["dropout"]), gradients[0]),
            at::Tensor()};
  }
};

}  // namespace

DropoutDraw::DropoutDraw(double probability, std::uint64_t seed)
    : probability_(probability),
      seed_(seed),
      threshold_(static_cast<std::uint32_t>(std::ldexp(std::min(probability, kLargest), 32))),
      scale_(probability == 1.0 ? 0.0F : static_cast<float>(1.0 / (1.0 - probability))) {}

DropoutDraw::DropoutDraw(double probability)
    : DropoutDraw(probability, probability == 0.0 ? 0 : draw_seed()) {}

void DropoutDraw::apply(const float* x, std::int64_t count, std::int64_t first,
                        float* result) const {
  if (probability_ == 0.0) {
    std::copy_n(x, count, result);
  } else {
    drop(x, count, seed_, first, threshold_, scale_, result);
  }
}

at::IValue DropoutDraw::save() const {
  return std::make_tuple(probability_, static_cast<std::int64_t>(seed_));
}

DropoutDraw DropoutDraw::load(const at::IValue& saved) {
  const auto& [probability, seed] = saved.to<std::tuple<double, std::int64_t>>();
  return {probability, static_cast<std::uint64_t>(seed)};
}

at::Tensor dropout(const at::Tensor& x, double probability) {
  if (probability == 0.0) return x;
  const at::ScalarType type = x.scalar_type();
  if (type != at::kFloat && type != at::kBFloat16) {
    return at::dropout(x, probability, /*train=*/true);
  }
  return Dropout::apply(x, probability);
}

}  // namespace prumux::model

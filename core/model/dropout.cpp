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

#include "core/model/first_derivative.h"
#include "core/model/loops.h"

namespace prumux::model {
namespace {

/// Elements that are worth a thread, and that are converted together.
constexpr std::int64_t kGrain = 16384;
constexpr std::int64_t kBlock = 1024;

std::uint64_t draw_seed() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

/// Each element has a random number of its own, so that any division among threads gives the same.
class Drop {
 public:
  Drop(double probability, std::uint64_t seed)
      : seed_(seed),
        threshold_(static_cast<std::uint32_t>(std::ldexp(probability, 32))),
        scale_(static_cast<float>(1.0 / (1.0 - probability))) {}

  at::Tensor operator()(const at::Tensor& input) const {
    const at::Tensor x = input.contiguous();
    at::Tensor result = at::empty_like(x);
    at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      if (x.scalar_type() == at::kFloat) {
        drop(x.const_data_ptr<float>() + begin, end - begin, seed_, begin, threshold_, scale_,
             result.mutable_data_ptr<float>() + begin);
      } else {
        drop_bfloat16(static_cast<const std::uint16_t*>(x.const_data_ptr()), begin, end,
                      static_cast<std::uint16_t*>(result.mutable_data_ptr()));
      }
    });
    return result;
  }

 private:
  void drop_bfloat16(const std::uint16_t* x, std::int64_t begin, std::int64_t end,
                     std::uint16_t* result) const {
    std::array<float, kBlock> block;
    for (std::int64_t first = begin; first < end; first += kBlock) {
      const std::int64_t count = std::min(kBlock, end - first);
      from_bfloat16(x + first, count, block.data());
      drop(block.data(), count, seed_, first, threshold_, scale_, block.data());
      to_bfloat16(block.data(), count, result + first);
    }
  }

  std::uint64_t seed_;
  std::uint32_t threshold_;
  float scale_;
};

/// The gradient loses the same elements, which the seed says again.
class Dropout : public torch::autograd::Function<Dropout> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double probability) {
    const std::uint64_t seed = draw_seed();
    context->saved_data["probability"] = probability;
    context->saved_data["seed"] = static_cast<std::int64_t>(seed);
    return Drop(probability, seed)(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    require_first_derivative();
    const auto seed = static_cast<std::uint64_t>(context->saved_data["seed"].toInt());
    return {Drop(context->saved_data["probability"].toDouble(), seed)(gradients[0]), at::Tensor()};
  }
};

}  // namespace

at::Tensor dropout(const at::Tensor& x, double probability) {
  if (probability == 0.0) return x;
  const at::ScalarType type = x.scalar_type();
  if (probability == 1.0 || (type != at::kFloat && type != at::kBFloat16)) {
    return at::dropout(x, probability, /*train=*/true);
  }
  return Dropout::apply(x, probability);
}

}  // namespace prumux::model

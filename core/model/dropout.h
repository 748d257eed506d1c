#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>

namespace prumux::model {

/// Which elements one dropout zeroes. Each element has a random number of its own, so that any
/// division among threads gives the same. Without a probability nothing is zeroed.
class DropoutDraw {
 public:
  /// From one number of libtorch's default generator; from none without a probability.
  explicit DropoutDraw(double probability);

  /// result[j] = x[j] if element `first` + j stays, divided by the chance that it had, or else 0.
  void apply(const float* x, std::int64_t count, std::int64_t first, float* result) const;

  /// For an autograd function's data, so that the gradient loses the same elements.
  at::IValue save() const;
  static DropoutDraw load(const at::IValue& saved);

 private:
  DropoutDraw(double probability, std::uint64_t seed);

  double probability_;
  std::uint64_t seed_;
  std::uint32_t threshold_;
  float scale_;
};

/// Zeroes each element with `probability` and divides the others by the chance that they had
/// (Srivastava et al. 2014): one pass forwards and one backwards, on all threads, without a mask in
/// memory. What is zeroed follows from one number of libtorch's default generator, whatever the
/// number of threads. Without a probability it is `x` itself.
at::Tensor dropout(const at::Tensor& x, double probability);

}  // namespace prumux::model

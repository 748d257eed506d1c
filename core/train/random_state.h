#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace prumux::train {

/// State of libtorch's default generator, as a byte tensor.
at::Tensor random_state();
/// Throws `DataError` when `state` is not one.
void restore_random_state(const at::Tensor& state);

/// While it lives the default generator is seeded with `seed`; afterwards it goes on as if nothing
/// had been drawn.
class IsolatedRandomness {
 public:
  explicit IsolatedRandomness(std::uint64_t seed);
  IsolatedRandomness(const IsolatedRandomness&) = delete;
  IsolatedRandomness& operator=(const IsolatedRandomness&) = delete;
  ~IsolatedRandomness();

 private:
  at::Tensor outer_state_;
};

}  // namespace prumux::train

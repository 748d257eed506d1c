#include "core/train/random_state.h"

#include <torch/types.h>

#include <mutex>

#include "prumux/error.h"

namespace prumux::train {

at::Tensor random_state() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void restore_random_state(const at::Tensor& state) {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  try {
    generator.set_state(state);
  } catch (const c10::Error& problem) {
    throw DataError(std::string("the saved state of the random generator is damaged: ") +
                    problem.what_without_backtrace());
  }
}

IsolatedRandomness::IsolatedRandomness(std::uint64_t seed) : outer_state_(random_state()) {
  at::manual_seed(seed);
}

IsolatedRandomness::~IsolatedRandomness() { restore_random_state(outer_state_); }

}  // namespace prumux::train

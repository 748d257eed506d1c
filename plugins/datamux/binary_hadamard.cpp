#include "binary_hadamard.h"

#include <algorithm>

#include "prumux/error.h"

namespace prumux::datamux {
namespace {

at::Tensor chunks(const MultiplexerArguments& arguments) {
  const std::int64_t instances = arguments.num_instances;
  const std::int64_t width = arguments.encoder.hidden_size;
  const std::int64_t chunk = width / instances;
  if (chunk == 0) {
    throw ConfigError(
        "datamux: binary_hadamard gives each instance its own hidden dimensions, but "
        "there are " +
        std::to_string(instances) + " instances and " + std::to_string(width) + " dimensions");
  }
  const double overlap =
      arguments.parameters.real("binary_hadamard_epsilon") / 2 * static_cast<double>(chunk);
  at::Tensor vectors = at::zeros({instances, width});
  for (std::int64_t i = 0; i < instances; ++i) {
    const double first = static_cast<double>(chunk * i) - (i > 0 ? overlap : 0.0);
    const double last = static_cast<double>(chunk * (i + 1)) + overlap;
    const auto begin = std::max(static_cast<std::int64_t>(first), std::int64_t{0});
    const auto end = i + 1 < instances ? std::min(static_cast<std::int64_t>(last), width) : width;
    vectors[i].slice(0, begin, end).fill_(1.0);
  }
  return vectors;
}

}  // namespace

BinaryHadamard::BinaryHadamard(torch::nn::Module& root, const MultiplexerArguments& arguments)
    : Hadamard(root, arguments, chunks(arguments)) {}

}  // namespace prumux::datamux

#include "encoder_work.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <map>
#include <string>

#include "prumux/error.h"
#include "quantity.h"

namespace prumux::predictors {
namespace {

constexpr double kBytesOfANumber = 4.0;

void refuse(const std::string& name, double value, const Configuration& configuration,
            const char* expected) {
  throw DataError(fmt::format("the analytic model found {} {} in the configuration {}; expected {}",
                              name, value, describe(configuration), expected));
}

}  // namespace

EncoderSizes EncoderSizes::of(const Configuration& configuration, const EncoderSizes& dense) {
  EncoderSizes sizes = dense;
  const std::map<std::string, double*> fields = {
      {"instances", &sizes.instances},       {"layers", &sizes.layers}, {"heads", &sizes.heads},
      {"intermediate", &sizes.intermediate}, {"hidden", &sizes.hidden}, {"length", &sizes.length}};
  double kept = 1.0;
  for (const auto& [name, value] : configuration) {
    if (name == "sparsity") {
      if (!(value >= 0.0 && value < 1.0)) refuse(name, value, configuration, "a share in [0, 1)");
      kept = 1.0 - value;
      continue;
    }
    const auto field = fields.find(name);
    if (field == fields.end()) {
      throw DataError(fmt::format(
          "the analytic model knows instances, sparsity, layers, heads, intermediate, hidden and "
          "length, found '{}'; use another performance model",
          name));
    }
    const bool may_be_zero = name == "layers" || name == "heads" || name == "intermediate";
    if (!std::isfinite(value) || value < 0.0 || (value == 0.0 && !may_be_zero)) {
      refuse(name, value, configuration, "a number above 0");
    }
    *field->second = value;
  }
  if (!configuration.contains("heads")) sizes.heads *= kept;
  if (!configuration.contains("intermediate")) sizes.intermediate *= kept;
  return sizes;
}

EncoderWork EncoderWork::of(const EncoderSizes& sizes) {
  const double tokens =
      sizes.length + (sizes.instances > 1.0 ? sizes.prefix * sizes.instances : 0.0);
  const double context = sizes.heads * sizes.head_size;
  const double weights =
      sizes.layers * (4.0 * sizes.hidden * context + 2.0 * sizes.hidden * sizes.intermediate);
  const double scores = sizes.layers * sizes.heads * tokens * tokens;

  EncoderWork work;
  // Two operations for each weight and token; scores and their use for each pair of tokens.
  work.operations = 2.0 * weights * tokens + 4.0 * scores * sizes.head_size;
  // Written and read: Q, K, V and context; the intermediate dimensions before and after their
  // activation; around each block its input and output, the residual sum and the normalised sum.
  const double activations =
      sizes.layers * tokens * (8.0 * context + 4.0 * sizes.intermediate + 10.0 * sizes.hidden) +
      4.0 * scores;
  work.bytes = kBytesOfANumber * (activations + weights / sizes.groups);
  work.passes = 1.0 / sizes.groups;
  work.operations /= sizes.instances;
  work.bytes /= sizes.instances;
  work.passes /= sizes.instances;
  return work;
}

}  // namespace prumux::predictors

#include "core/cli/row_length.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/model/embeddings.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

constexpr std::int64_t kUsualLength = 128;

}  // namespace

std::int64_t longest_row(const model::Model& model) {
  const EncoderConfig& encoder = model.config().encoder;
  const std::int64_t prefix = model.multiplexer() ? model.multiplexer()->prefix_length() : 0;
  return encoder.max_position_embeddings - model::first_position(encoder) - prefix;
}

std::size_t row_length(const std::string& option, std::optional<std::size_t> requested,
                       const model::Model& model) {
  const std::int64_t longest = longest_row(model);
  if (!requested) return static_cast<std::size_t>(std::min(kUsualLength, longest));
  if (static_cast<std::int64_t>(*requested) > longest) {
    throw ConfigError(fmt::format("{} {} is more than the {} tokens that the model takes", option,
                                  *requested, longest));
  }
  return *requested;
}

}  // namespace prumux::cli

#include "core/model/longest_row.h"

#include "core/model/embeddings.h"
#include "core/model/multiplexer_call.h"
#include "core/plugin/registry.h"

namespace prumux::model {
namespace {

std::int64_t longest_row(const ModelConfig& config, const Multiplexer* multiplexer) {
  const std::int64_t prefix =
      multiplexer == nullptr ? 0 : call_multiplexer(*config.multiplexer, "prefix_length", [&] {
        return multiplexer->prefix_length();
      });
  return config.encoder.max_position_embeddings - first_position(config.encoder) - prefix;
}

}  // namespace

std::int64_t longest_row(const Model& model) {
  return longest_row(model.config(), model.multiplexer().get());
}

std::int64_t longest_row(const ModelConfig& config) {
  if (!config.multiplexer) return longest_row(config, nullptr);
  const std::shared_ptr<Multiplexer> multiplexer = plugin::Registry::instance().make_multiplexer(
      config.multiplexer->method, multiplexer_arguments(config));
  return longest_row(config, multiplexer.get());
}

}  // namespace prumux::model

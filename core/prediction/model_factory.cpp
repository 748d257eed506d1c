#include "core/prediction/model_factory.h"

#include "core/plugin/registry.h"

namespace prumux::prediction {

ModelFactory plugin_models(const std::string& name,
                           const std::vector<std::pair<std::string, std::string>>& parameters) {
  plugin::Registry& registry = plugin::Registry::instance();
  const plugin::Method& method = registry.find(PRUMUX_PERFORMANCE_MODEL, name);
  const Parameters parsed = plugin::parse_parameters(*method.descriptor, parameters);
  return [&registry, name, parsed](Quantity quantity) {
    return registry.make_performance_model(name, {quantity, parsed});
  };
}

}  // namespace prumux::prediction

#include "core/plugin/parameter_parser.h"

#include <spdlog/fmt/fmt.h>

#include "core/config/plugin_schema.h"
#include "core/config/validate.h"
#include "core/config/yaml_reader.h"
#include "core/plugin/kind.h"
#include "prumux/error.h"

namespace prumux::plugin {

Parameters parse_parameters(const PrumuxMethodV1& method, const config::Value& given) {
  const config::Value complete =
      config::validate(given, config::fields_of(method.parameters, method.num_parameters));
  return config::parameters_of(complete, method.parameters, method.num_parameters);
}

Parameters parse_parameters(const PrumuxMethodV1& method,
                            const std::vector<std::pair<std::string, std::string>>& texts) {
  const config::Place place{
      .source = fmt::format("parameters of {} '{}'", kind_name(method.kind), method.name)};
  config::Value given = config::Value::map(place);
  for (const auto& [name, text] : texts) {
    if (given.has(name)) {
      throw ConfigError(fmt::format("{}: '{}' is given twice", place.text(), name));
    }
    given.set(name, place, config::parse_yaml(text, place));
  }
  return parse_parameters(method, given);
}

}  // namespace prumux::plugin

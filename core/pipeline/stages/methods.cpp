#include "core/pipeline/stages/methods.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

#include "core/config/plugin_schema.h"
#include "prumux/error.h"

namespace prumux::pipeline {

using config::Field;
using config::Type;

const plugin::Method* find_method(PrumuxKind kind, const config::Value& name,
                                  config::Problems& problems) {
  try {
    return &plugin::Registry::instance().find(kind, name.string());
  } catch (const ConfigError& problem) {
    problems.add(name.place, problem.what());
    return nullptr;
  }
}

Field params_field(const plugin::Method& method) {
  return {.name = "params",
          .type = Type::map,
          .default_value = "{}",
          .help = "parameters of the method; see prumux plugins inspect",
          .fields =
              config::fields_of(method.descriptor->parameters, method.descriptor->num_parameters)};
}

Field unchecked_params() {
  return {.name = "params",
          .type = Type::map,
          .choose = [](const config::Value&, config::Problems&) { return std::nullopt; }};
}

std::vector<std::vector<Field>> method_variants(PrumuxKind kind, const std::vector<Field>& fields) {
  std::vector<std::vector<Field>> variants;
  for (const plugin::Method& method : plugin::Registry::instance().methods(kind)) {
    std::vector<Field> variant = fields;
    variant.front().choices = {method.descriptor->name};
    variant.push_back(params_field(method));
    variants.push_back(std::move(variant));
  }
  return variants;
}

Field method_field(const std::string& name, PrumuxKind kind, const std::string& help) {
  const Field method{.name = "method", .required = true, .help = "name of the method"};
  return {
      .name = name,
      .type = Type::map,
      .help = help,
      .choose = [kind, method](const config::Value& given,
                               config::Problems& problems) -> std::optional<std::vector<Field>> {
        const config::Value* chosen = given.find("method");
        if (chosen == nullptr || !chosen->is_scalar()) {
          return std::vector<Field>{method, unchecked_params()};
        }
        const plugin::Method* found = find_method(kind, *chosen, problems);
        if (found == nullptr) return std::nullopt;
        return std::vector<Field>{method, params_field(*found)};
      },
      .variants = [kind, method] { return method_variants(kind, {method}); }};
}

void add_method(Record& record, const std::string& name, const plugin::Method& method) {
  record.add(name + ".plugin", fmt::format("{} {}", method.plugin->name, method.plugin->version));
}

Parameters parameters_of(const plugin::Method& method, const config::Value& params) {
  return config::parameters_of(params, method.descriptor->parameters,
                               method.descriptor->num_parameters);
}

prediction::ModelFactory model_factory(const config::Value& section) {
  const std::string& name = section.at("method").string();
  const plugin::Method& method = plugin::Registry::instance().find(PRUMUX_PERFORMANCE_MODEL, name);
  return [name, parameters = parameters_of(method, section.at("params"))](Quantity quantity) {
    return plugin::Registry::instance().make_performance_model(name, {quantity, parameters});
  };
}

}  // namespace prumux::pipeline

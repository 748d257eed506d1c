#include "core/conformance/parameter_values.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "core/config/plugin_schema.h"
#include "core/config/scalar.h"
#include "core/conformance/expectations.h"
#include "core/conformance/sample.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

std::span<const PrumuxParameterV1> schema_of(const plugin::Method& method) {
  return {method.descriptor->parameters, method.descriptor->num_parameters};
}

std::string number_text(const PrumuxParameterV1& parameter, double value) {
  const std::string text = parameter.type == PRUMUX_INTEGER
                               ? fmt::format("{}", static_cast<std::int64_t>(value))
                               : config::format_real(value);
  return parameter.type == PRUMUX_REAL_LIST ? "[" + text + "]" : text;
}

double middle_of(const PrumuxParameterV1& parameter) {
  const bool below = std::isinf(parameter.minimum);
  const bool above = std::isinf(parameter.maximum);
  if (below && above) return 1.0;
  if (below) return parameter.maximum;
  if (above) return parameter.minimum;
  return (parameter.minimum + parameter.maximum) / 2;
}

std::vector<std::string> choices_of(const PrumuxParameterV1& parameter) {
  return config::fields_of(&parameter, 1).front().choices;
}

std::string middle_text(const PrumuxParameterV1& parameter) {
  if (parameter.type == PRUMUX_BOOLEAN) return "false";
  if (parameter.type != PRUMUX_STRING) return number_text(parameter, middle_of(parameter));
  const std::vector<std::string> choices = choices_of(parameter);
  return choices.empty() ? "x" : choices.front();
}

/// Values that a user may well try: the ends of the range, all choices.
std::vector<std::string> limits_of(const PrumuxParameterV1& parameter) {
  if (parameter.type == PRUMUX_BOOLEAN) return {"false", "true"};
  if (parameter.type == PRUMUX_STRING) return choices_of(parameter);
  std::vector<std::string> limits;
  // Sizes of many digits are within the range of most schemas and of no memory.
  constexpr double kLargest = 1e4;
  if (std::abs(parameter.minimum) <= kLargest) {
    limits.push_back(number_text(parameter, parameter.minimum));
  }
  if (std::abs(parameter.maximum) <= kLargest) {
    limits.push_back(number_text(parameter, parameter.maximum));
  }
  if (parameter.type == PRUMUX_REAL_LIST) limits.emplace_back("[]");
  return limits;
}

using Texts = std::vector<std::pair<std::string, std::string>>;

Texts required_values(const plugin::Method& method) {
  Texts texts;
  for (const PrumuxParameterV1& parameter : schema_of(method)) {
    if (parameter.default_value == nullptr) {
      texts.emplace_back(parameter.name, middle_text(parameter));
    }
  }
  return texts;
}

/// Makes an instance and ends it.
void make(const plugin::Method& method, const Parameters& parameters) {
  plugin::Registry& registry = plugin::Registry::instance();
  const char* name = method.descriptor->name;
  switch (method.descriptor->kind) {
    case PRUMUX_COMPRESSOR:
      registry.make_compressor(name, {parameters});
      return;
    case PRUMUX_MULTIPLEXER:
      registry.make_multiplexer(name, multiplexer_arguments(2, parameters));
      return;
    case PRUMUX_PERFORMANCE_MODEL:
      registry.make_performance_model(name, {Quantity::accuracy, parameters});
      registry.make_performance_model(name, {Quantity::throughput, parameters});
      return;
    case PRUMUX_STAGE:
      registry.make_stage(name, {parameters});
      return;
    case PRUMUX_METRIC:
      registry.make_metric(name, {"sst2", false, parameters});
      return;
    case PRUMUX_HEAD:
      registry.make_head(name, {sample_encoder(), 2, 1, parameters});
      return;
    default:
      registry.make_dataset_reader(name, {"sst2", false, parameters});
  }
}

}  // namespace

Parameters usual_parameters(const plugin::Method& method) {
  return plugin::parse_parameters(*method.descriptor, required_values(method));
}

void takes_parameters_at_their_limits(const plugin::Method& method) {
  make(method, usual_parameters(method));
  for (const PrumuxParameterV1& parameter : schema_of(method)) {
    for (const std::string& value : limits_of(parameter)) {
      Texts texts = required_values(method);
      std::erase_if(texts, [&](const auto& entry) { return entry.first == parameter.name; });
      texts.emplace_back(parameter.name, value);
      try {
        make(method, plugin::parse_parameters(*method.descriptor, texts));
      } catch (const ConfigError&) {
        // A combination that it does not offer.
      } catch (const std::exception& problem) {
        throw Failure(
            fmt::format("with {} = {}, which its schema allows: {} (expected an instance "
                        "or ConfigError)",
                        parameter.name, value, problem.what()));
      }
    }
  }
}

}  // namespace prumux::conformance

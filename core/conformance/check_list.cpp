#include "core/conformance/check_list.h"

#include "core/conformance/compressor_checks.h"
#include "core/conformance/expectations.h"
#include "core/conformance/head_checks.h"
#include "core/conformance/metric_checks.h"
#include "core/conformance/multiplexer_checks.h"
#include "core/conformance/parameter_values.h"
#include "core/conformance/performance_model_checks.h"
#include "core/conformance/reader_checks.h"
#include "core/conformance/stage_checks.h"

namespace prumux::conformance {

namespace {

void has_complete_texts(const plugin::Method& method) {
  const auto require = [](const char* text, const std::string& what) {
    expect(text[0] != '\0', "{} is empty", what);
  };
  require(method.plugin->version, "the plugin's version");
  require(method.plugin->license, "the plugin's licence");
  require(method.descriptor->summary, "the summary");
  require(method.descriptor->source, "the source (paper or project)");
  for (std::uint32_t i = 0; i < method.descriptor->num_parameters; ++i) {
    const PrumuxParameterV1& parameter = method.descriptor->parameters[i];
    require(parameter.help, std::string("the help of parameter '") + parameter.name + "'");
  }
}

std::vector<Check> checks_of_kind(const plugin::Method& method) {
  switch (method.descriptor->kind) {
    case PRUMUX_COMPRESSOR:
      return compressor_checks(method);
    case PRUMUX_MULTIPLEXER:
      return multiplexer_checks(method);
    case PRUMUX_PERFORMANCE_MODEL:
      return performance_model_checks(method);
    case PRUMUX_METRIC:
      return metric_checks(method);
    case PRUMUX_STAGE:
      return stage_checks(method);
    case PRUMUX_DATASET_READER:
      return reader_checks(method);
    case PRUMUX_HEAD:
      return head_checks(method);
    default:
      return {};
  }
}

}  // namespace

std::vector<Check> checks_of(const plugin::Method& method) {
  std::vector<Check> checks = {
      {"the descriptor's texts are complete", [method] { has_complete_texts(method); }},
      {"it is made with its defaults and with every parameter at its limits",
       [method] { takes_parameters_at_their_limits(method); }}};
  for (Check& check : checks_of_kind(method)) checks.push_back(std::move(check));
  if ((method.descriptor->capabilities & PRUMUX_NEEDS_CUDA) != 0) {
    for (std::size_t i = 1; i < checks.size(); ++i) {
      checks[i].run = [] { throw Skipped("it needs CUDA, which this build has not"); };
    }
  }
  return checks;
}

}  // namespace prumux::conformance

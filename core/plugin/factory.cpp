#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "core/config/yaml_reader.h"
#include "core/plugin/first_multiplexer.h"
#include "core/plugin/guarded_methods.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

constexpr std::size_t kParametersTextSize = 65536;

/// The C functions of a plugin must not throw; one that does all the same is only an error.
template <typename Call>
auto call_border(const Method& method, const Call& call) {
  try {
    return call();
  } catch (const std::exception& problem) {
    throw PluginError(fmt::format("{}: {}", describe(method), problem.what()));
  } catch (...) {
    throw PluginError(describe(method) + ": an exception of an unknown type");
  }
}

template <typename Interface, typename Arguments>
std::shared_ptr<Interface> make(const Method& method, const Arguments& arguments) {
  void* instance = nullptr;
  PrumuxErrorV1 error{};
  const int status =
      call_border(method, [&] { return method.descriptor->create(&arguments, &instance, &error); });
  if (status == PRUMUX_DONE && instance != nullptr) {
    return std::shared_ptr<Interface>(
        static_cast<Interface*>(instance),
        [destroy = method.descriptor->destroy](Interface* object) { destroy(object); });
  }
  error.text[sizeof(error.text) - 1] = '\0';
  const std::string message =
      fmt::format("{}: {}", describe(method),
                  error.text[0] != '\0' ? error.text : "it made nothing and gave no reason");
  if (status == PRUMUX_BAD_CONFIGURATION) {
    throw ConfigError(message);
  }
  throw PluginError(message);
}

template <typename Interface, typename Arguments>
std::shared_ptr<Interface> make_guarded(const Method& method, const Arguments& arguments) {
  return guarded(make<Interface>(method, arguments), describe(method));
}

/// The parameters as JSON, when the multiplexer claims the checkpoint.
std::optional<std::string> ask(const Method& method, const std::string& config_json) {
  std::string text(kParametersTextSize, '\0');
  const int claimed = call_border(method, [&] {
    return method.descriptor->recognise(config_json.c_str(), text.data(),
                                        static_cast<std::uint32_t>(text.size()));
  });
  if (claimed == 0) {
    return std::nullopt;
  }
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

Parameters recognised_parameters(const Method& method, const std::string& json) {
  try {
    return parse_parameters(*method.descriptor, config::parse_yaml(json, {.source = json}));
  } catch (const ConfigError& problem) {
    throw PluginError(
        fmt::format("{} recognises the model, but with parameters that it does not "
                    "take itself: {}",
                    describe(method), problem.what()));
  }
}

}  // namespace

std::string describe(const Method& method) {
  return fmt::format("{} '{}' (plugin {} {}, {})", kind_name(method.descriptor->kind),
                     method.descriptor->name, method.plugin->name, method.plugin->version,
                     method.file.string());
}

std::shared_ptr<Multiplexer> Registry::make_multiplexer(std::string_view name,
                                                        const MultiplexerArguments& arguments) {
  const Method& method = find(PRUMUX_MULTIPLEXER, name);
  auto multiplexer = make<Multiplexer>(method, arguments);
  return method.descriptor->interface_version == 1 ? adapt_first_multiplexer(std::move(multiplexer))
                                                   : multiplexer;
}

std::shared_ptr<Compressor> Registry::make_compressor(std::string_view name,
                                                      const CompressorArguments& arguments) {
  const Method& method = find(PRUMUX_COMPRESSOR, name);
  return guarded(make<Compressor>(method, arguments), describe(method),
                 method.descriptor->interface_version);
}

std::shared_ptr<PerformanceModel> Registry::make_performance_model(
    std::string_view name, const PerformanceModelArguments& arguments) {
  return make_guarded<PerformanceModel>(find(PRUMUX_PERFORMANCE_MODEL, name), arguments);
}

std::shared_ptr<Stage> Registry::make_stage(std::string_view name,
                                            const StageArguments& arguments) {
  return make_guarded<Stage>(find(PRUMUX_STAGE, name), arguments);
}

std::shared_ptr<Metric> Registry::make_metric(std::string_view name,
                                              const MetricArguments& arguments) {
  return make_guarded<Metric>(find(PRUMUX_METRIC, name), arguments);
}

std::shared_ptr<DatasetReader> Registry::make_dataset_reader(
    std::string_view name, const DatasetReaderArguments& arguments) {
  return make_guarded<DatasetReader>(find(PRUMUX_DATASET_READER, name), arguments);
}

std::shared_ptr<Head> Registry::make_head(std::string_view name, const HeadArguments& arguments) {
  return make<Head>(find(PRUMUX_HEAD, name), arguments);
}

std::optional<RecognisedCheckpoint> Registry::recognise(const std::string& config_json) {
  std::optional<RecognisedCheckpoint> recognised;
  for (const Method& method : methods()) {
    if (method.descriptor->kind != PRUMUX_MULTIPLEXER || method.descriptor->recognise == nullptr) {
      continue;
    }
    const std::optional<std::string> json = ask(method, config_json);
    if (!json) {
      continue;
    }
    if (recognised) {
      throw PluginError(
          fmt::format("the multiplexers '{}' and '{}' both recognise the model; "
                      "remove one of the plugins from the search path",
                      recognised->method, method.descriptor->name));
    }
    recognised = {method.descriptor->name, recognised_parameters(method, *json)};
  }
  return recognised;
}

}  // namespace prumux::plugin

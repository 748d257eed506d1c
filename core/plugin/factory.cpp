#include <spdlog/fmt/fmt.h>

#include <exception>

#include "core/config/yaml_reader.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

constexpr std::size_t kParametersTextSize = 65536;

std::string describe(const Method& method) {
  return fmt::format("{} '{}' (plugin {} {}, {})", kind_name(method.descriptor->kind),
                     method.descriptor->name, method.plugin->name, method.plugin->version,
                     method.file.string());
}

/// The C functions of a plugin must not throw; one that does all the same is only an error.
template <typename Call>
auto guarded(const Method& method, const Call& call) {
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
      guarded(method, [&] { return method.descriptor->create(&arguments, &instance, &error); });
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

/// The parameters as JSON, when the multiplexer claims the checkpoint.
std::optional<std::string> ask(const Method& method, const std::string& config_json) {
  std::string text(kParametersTextSize, '\0');
  const int claimed = guarded(method, [&] {
    return method.descriptor->recognise(config_json.c_str(), text.data(),
                                        static_cast<std::uint32_t>(text.size()));
  });
  if (claimed == 0) {
    return std::nullopt;
  }
  return std::string(text.c_str());
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

std::shared_ptr<Multiplexer> Registry::make_multiplexer(std::string_view name,
                                                        const MultiplexerArguments& arguments) {
  return make<Multiplexer>(find(PRUMUX_MULTIPLEXER, name), arguments);
}

std::shared_ptr<Compressor> Registry::make_compressor(std::string_view name,
                                                      const CompressorArguments& arguments) {
  return make<Compressor>(find(PRUMUX_COMPRESSOR, name), arguments);
}

std::shared_ptr<PerformanceModel> Registry::make_performance_model(
    std::string_view name, const PerformanceModelArguments& arguments) {
  return make<PerformanceModel>(find(PRUMUX_PERFORMANCE_MODEL, name), arguments);
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

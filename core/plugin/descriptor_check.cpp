#include "core/plugin/descriptor_check.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/config/plugin_schema.h"
#include "core/config/problems.h"
#include "core/config/validate.h"
#include "core/plugin/kind.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

/// The settings that every stage of a pipeline may have.
constexpr std::string_view kStageSettings[] = {"stage", "id",      "skip_if",
                                               "from",  "teacher", "instances"};

/// `place` ends with ": ", or is empty.
[[noreturn]] void refuse(const std::string& place, const std::string& problem) {
  throw PluginError(place + problem + "; its author has to correct it");
}

void require_text(const std::string& place, const char* field, const char* text) {
  if (text == nullptr) {
    refuse(place, fmt::format("its {} is a null pointer", field));
  }
}

void require_name(const std::string& place, const char* name) {
  require_text(place, "name", name);
  const std::string_view text(name);
  const bool valid = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (!valid) {
    refuse(place, fmt::format("'{}' is no name: expected letters, digits, '-', '_' and '.'", text));
  }
}

/// Points divide the names in the path of a setting.
void require_no_point(const std::string& place, std::string_view name) {
  if (name.find('.') == std::string_view::npos) return;
  refuse(place, "it has a '.' in its name, and no --set could name it");
}

void require_size(const std::string& place, const char* structure, std::uint32_t size,
                  std::size_t expected) {
  if (size != expected) {
    refuse(place, fmt::format("its {} has {} bytes, expected {}", structure, size, expected));
  }
}

void check_default(const std::string& place, const PrumuxParameterV1& parameter) {
  config::Problems problems;
  try {
    config::validate(config::Value::map({}), config::fields_of(&parameter, 1), problems);
  } catch (const ConfigError& problem) {
    problems.add_error({}, problem);
  }
  if (!problems.empty()) {
    refuse(place, problems.lines().front());
  }
}

void check_parameter(const std::string& method, const PrumuxParameterV1& parameter) {
  require_name(method + "a parameter: ", parameter.name);
  const std::string place = fmt::format("{}parameter '{}': ", method, parameter.name);
  require_no_point(place, parameter.name);
  require_text(place, "unit", parameter.unit);
  require_text(place, "help", parameter.help);
  if (parameter.type < PRUMUX_BOOLEAN || parameter.type > PRUMUX_REAL_LIST) {
    refuse(place,
           fmt::format("its type is {}, expected {} to {}", parameter.type,
                       static_cast<int>(PRUMUX_BOOLEAN), static_cast<int>(PRUMUX_REAL_LIST)));
  }
  if (!(parameter.minimum <= parameter.maximum)) {
    refuse(place, fmt::format("its range [{}, {}] is empty", parameter.minimum, parameter.maximum));
  }
  if (parameter.choices != nullptr && parameter.type != PRUMUX_STRING) {
    refuse(place, "it has choices, which only strings may have");
  }
  if (parameter.default_value != nullptr) {
    check_default(place, parameter);
  }
}

void check_parameters(const std::string& place, const PrumuxMethodV1& method) {
  if (method.num_parameters > 0 && method.parameters == nullptr) {
    refuse(place, "its table of parameters is a null pointer");
  }
  std::set<std::string_view> names;
  for (const PrumuxParameterV1& parameter : std::span(method.parameters, method.num_parameters)) {
    check_parameter(place, parameter);
    if (!names.insert(parameter.name).second) {
      refuse(place, fmt::format("it has two parameters '{}'", parameter.name));
    }
    if (method.kind == PRUMUX_STAGE &&
        std::find(std::begin(kStageSettings), std::end(kStageSettings), parameter.name) !=
            std::end(kStageSettings)) {
      refuse(place, fmt::format("its parameter '{}' has the name of a setting that every stage has",
                                parameter.name));
    }
  }
}

/// After the cells there is no model of one of them.
void check_stage(const std::string& place, const PrumuxMethodV1& stage) {
  require_no_point(place, stage.name);
  constexpr std::uint32_t kOfACell =
      PRUMUX_READS_MODEL | PRUMUX_NEEDS_TEACHER | PRUMUX_WRITES_MODEL;
  if ((stage.capabilities & PRUMUX_RUNS_AFTER_CELLS) != 0 && (stage.capabilities & kOfACell) != 0) {
    refuse(place, "it runs after the cells, and reads or writes the model of a cell");
  }
}

void check_method(const std::string& plugin, const PrumuxMethodV1& method) {
  require_size(plugin + "a method: ", "PrumuxMethodV1", method.struct_size, sizeof(method));
  require_name(plugin + "a method: ", method.name);
  const std::string place = fmt::format("{}method '{}': ", plugin, method.name);
  const std::optional<Kind> kind = find_kind(method.kind);
  if (!kind) {
    refuse(place, fmt::format("its kind is {}, expected {} to {}", method.kind,
                              static_cast<int>(PRUMUX_COMPRESSOR), static_cast<int>(PRUMUX_HEAD)));
  }
  if (method.interface_version < 1 || method.interface_version > kind->newest_interface) {
    refuse(place, fmt::format("it implements version {} of the {} interface, expected 1 to {}",
                              method.interface_version, kind->name, kind->newest_interface));
  }
  require_text(place, "summary", method.summary);
  require_text(place, "source", method.source);
  if (method.create == nullptr || method.destroy == nullptr) {
    refuse(place, "its create or destroy function is a null pointer");
  }
  if (method.kind == PRUMUX_STAGE) check_stage(place, method);
  check_parameters(place, method);
}

}  // namespace

void check_descriptor(const PrumuxPluginV1& plugin) {
  require_size("", "PrumuxPluginV1", plugin.struct_size, sizeof(plugin));
  require_name("", plugin.name);
  const std::string place = fmt::format("plugin '{}': ", plugin.name);
  require_text(place, "version", plugin.version);
  require_text(place, "license", plugin.license);
  if (plugin.num_methods == 0 || plugin.methods == nullptr) {
    refuse(place, "it offers no method");
  }
  std::set<std::pair<std::uint32_t, std::string_view>> names;
  for (const PrumuxMethodV1& method : std::span(plugin.methods, plugin.num_methods)) {
    check_method(place, method);
    if (!names.insert({method.kind, method.name}).second) {
      refuse(place, fmt::format("it has two {}s '{}'", kind_name(method.kind), method.name));
    }
  }
}

}  // namespace prumux::plugin

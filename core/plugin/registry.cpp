#include "core/plugin/registry.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "core/config/nearest.h"
#include "core/plugin/kind.h"
#include "core/plugin/library.h"
#include "core/plugin/search_path.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> absolute_folders(const std::vector<fs::path>& folders) {
  std::vector<fs::path> absolute;
  for (const fs::path& folder : folders) {
    absolute.push_back(fs::absolute(folder).lexically_normal());
  }
  return absolute;
}

/// Throws `PluginError` when a method of `plugin` has the name of one that is there already.
void check_conflicts(const PrumuxPluginV1& plugin, const std::vector<Method>& present) {
  for (const PrumuxMethodV1& method : std::span(plugin.methods, plugin.num_methods)) {
    for (const Method& other : present) {
      if (method.kind == other.descriptor->kind &&
          std::string_view(method.name) == other.descriptor->name) {
        throw PluginError(fmt::format(
            "its {} '{}' is also in {} (plugin {} {}), which comes first on the search path; "
            "remove one of the files or rename the method",
            kind_name(method.kind), method.name, other.file.string(), other.plugin->name,
            other.plugin->version));
      }
    }
  }
}

}  // namespace

Registry::Registry(const std::vector<fs::path>& search_path)
    : search_path_(absolute_folders(search_path)) {}

Registry& Registry::instance() {
  // Never destroyed: plugins' objects may live until the process ends.
  static Registry& registry = *new Registry(default_search_path());
  return registry;
}

void Registry::set_extra_search_path(const std::vector<fs::path>& folders) {
  if (loaded_) {
    throw std::logic_error("the plugins are loaded already, the search path cannot change");
  }
  const std::vector<fs::path> absolute = absolute_folders(folders);
  search_path_.insert(search_path_.begin(), absolute.begin(), absolute.end());
}

void Registry::set_only_library(const fs::path& file) {
  if (loaded_) {
    throw std::logic_error("the plugins are loaded already, the search path cannot change");
  }
  search_path_.clear();
  only_library_ = fs::absolute(file).lexically_normal();
}

const std::vector<Method>& Registry::methods() {
  load_once();
  return methods_;
}

std::vector<Method> Registry::methods(PrumuxKind kind) {
  std::vector<Method> chosen;
  for (const Method& method : methods()) {
    if (method.descriptor->kind == static_cast<std::uint32_t>(kind)) chosen.push_back(method);
  }
  return chosen;
}

const std::vector<Rejection>& Registry::rejections() {
  load_once();
  return rejections_;
}

void Registry::load_once() {
  if (std::exchange(loaded_, true)) {
    return;
  }
  const std::vector<fs::path> files =
      only_library_ ? std::vector<fs::path>{*only_library_} : find_libraries(search_path_);
  for (const fs::path& file : files) {
    try {
      load(file);
    } catch (const PluginError& problem) {
      spdlog::warn("plugin {} is not used: {}", file.string(), problem.what());
      rejections_.push_back({file, problem.what()});
    }
  }
  std::sort(methods_.begin(), methods_.end(), [](const Method& left, const Method& right) {
    return std::tuple(left.descriptor->kind, std::string_view(left.descriptor->name)) <
           std::tuple(right.descriptor->kind, std::string_view(right.descriptor->name));
  });
}

void Registry::load(const fs::path& file) {
  const PrumuxPluginV1* plugin = load_plugin(file);
  if (plugin == nullptr) {
    return;
  }
  check_conflicts(*plugin, methods_);
  for (const PrumuxMethodV1& method : std::span(plugin->methods, plugin->num_methods)) {
    methods_.push_back({&method, plugin, file});
  }
}

const Method& Registry::find(PrumuxKind kind, std::string_view name) {
  load_once();
  const auto found = std::find_if(methods_.begin(), methods_.end(), [&](const Method& method) {
    return method.descriptor->kind == static_cast<std::uint32_t>(kind) &&
           name == method.descriptor->name;
  });
  if (found == methods_.end()) {
    throw ConfigError(unknown_method(kind, name));
  }
  return *found;
}

std::vector<Method> Registry::find_all(std::string_view name) {
  std::vector<Method> found;
  for (const Method& method : methods()) {
    if (name == method.descriptor->name || name == method.plugin->name) {
      found.push_back(method);
    }
  }
  if (found.empty()) {
    throw ConfigError(unknown_method(std::nullopt, name));
  }
  return found;
}

std::vector<std::string> Registry::names(std::optional<PrumuxKind> kind) {
  std::vector<std::string> result;
  for (const Method& method : methods()) {
    if (!kind || method.descriptor->kind == static_cast<std::uint32_t>(*kind)) {
      result.emplace_back(method.descriptor->name);
    }
  }
  return result;
}

std::string Registry::describe_search(std::optional<PrumuxKind> kind) {
  const std::vector<std::string> available = names(kind);
  std::string text =
      fmt::format("  available: {}",
                  available.empty() ? "none" : fmt::format("{}", fmt::join(available, ", ")));
  for (const fs::path& folder : search_path_) {
    text += "\n  searched: " + describe_folder(folder);
  }
  for (const Rejection& rejection : rejections_) {
    text += fmt::format("\n  rejected: {}: {}", rejection.file.string(), rejection.reason);
  }
  return text + "\n  add a folder with --plugin-path DIR or PRUMUX_PLUGIN_PATH";
}

std::string Registry::unknown_method(std::optional<PrumuxKind> kind, std::string_view name) {
  std::string text =
      fmt::format("unknown {} '{}'", kind ? kind_name(*kind) : "plugin or method", name);
  for (const Method& method : methods()) {
    const bool is_other = kind && method.descriptor->kind != static_cast<std::uint32_t>(*kind);
    if (is_other && name == method.descriptor->name) {
      text += fmt::format(" ('{}' is a {})", name, kind_name(method.descriptor->kind));
    }
  }
  if (const auto nearest = config::nearest_name(name, names(kind))) {
    text += fmt::format(" - did you mean '{}'?", *nearest);
  }
  return text + "\n" + describe_search(kind);
}

}  // namespace prumux::plugin

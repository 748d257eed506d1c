#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "core/cli/plugin_commands.h"
#include "core/cli/print_json.h"
#include "core/config/plugin_schema.h"
#include "core/plugin/description.h"
#include "core/plugin/fingerprint_reader.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"

namespace prumux::cli {
namespace {

using plugin::Method;
using plugin::Mismatch;
using plugin::Registry;
using plugin::Rejection;
using Json = nlohmann::ordered_json;

constexpr const char* kPluginsInspectFooter = R"(Examples:
  prumux plugins inspect bilinear
  prumux plugins inspect my_plugin.so      a file that was rejected
  prumux plugins inspect bilinear --json)";

std::string capabilities_text(std::uint32_t flags) {
  const std::vector<std::string> texts = plugin::capability_texts(flags);
  return texts.empty() ? "needs nothing special" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string build_text(const PrumuxFingerprintV1& build) {
  return fmt::format("SDK {} (ABI {}.{}), libtorch {}, {}, {}",
                     plugin::field_text(build.sdk_version), build.abi_major, build.abi_minor,
                     plugin::field_text(build.torch_version), plugin::field_text(build.compiler),
                     plugin::field_text(build.build_kind));
}

std::string differences_text(const std::vector<Mismatch>& differences) {
  std::vector<std::string> texts;
  for (const Mismatch& difference : differences) {
    texts.push_back(fmt::format("{} {} (here {})", difference.field, difference.plugin_value,
                                difference.host_value));
  }
  return texts.empty() ? "nothing" : fmt::format("{}", fmt::join(texts, ", "));
}

void print_parameters(const PrumuxMethodV1& method) {
  if (method.num_parameters == 0) {
    std::cout << "  parameters    none\n";
    return;
  }
  std::cout << "  parameters\n";
  for (const config::Field& field : config::fields_of(method.parameters, method.num_parameters)) {
    const std::string value = field.default_value ? "default " + *field.default_value : "required";
    std::cout << fmt::format("    {}: {}; {}\n        {}\n", field.name, config::expectation(field),
                             value, field.help);
  }
}

void print_method(const Method& method) {
  const PrumuxMethodV1& descriptor = *method.descriptor;
  const auto build = plugin::read_fingerprint(method.file);
  std::cout << fmt::format(
      "{} ({})\n"
      "  summary       {}\n"
      "  source        {}\n"
      "  plugin        {} {}, licence {}\n"
      "  file          {}\n"
      "  built with    {}\n"
      "  differs in    {}\n"
      "  capabilities  {}\n",
      descriptor.name, plugin::kind_name(descriptor.kind), descriptor.summary, descriptor.source,
      method.plugin->name, method.plugin->version, method.plugin->license, method.file.string(),
      build ? build_text(*build) : "unknown, the file has been replaced",
      build ? differences_text(plugin::harmless_differences(*build)) : "unknown",
      capabilities_text(descriptor.capabilities));
  print_parameters(descriptor);
}

/// The rejected file of that name, without or with its folder and ending; null: none is called so.
const Rejection* find_rejection(Registry& registry, const std::string& name) {
  for (const Rejection& rejection : registry.rejections()) {
    const std::filesystem::path& file = rejection.file;
    if (name == file.string() || name == file.filename().string() || name == file.stem().string()) {
      return &rejection;
    }
  }
  return nullptr;
}

void inspect(const std::string& name, bool as_json) {
  Registry& registry = Registry::instance();
  const bool is_known = std::ranges::any_of(registry.methods(), [&name](const Method& method) {
    return name == method.descriptor->name || name == method.plugin->name;
  });
  const Rejection* rejection = is_known ? nullptr : find_rejection(registry, name);
  if (rejection != nullptr) {
    if (as_json) return print_json(plugin::to_json(*rejection));
    std::cout << fmt::format("{} (rejected)\n  file          {}\n  reason        {}\n", name,
                             rejection->file.string(), rejection->reason);
    return;
  }
  Json methods = Json::array();
  for (const Method& method : registry.find_all(name)) {
    as_json ? methods.push_back(plugin::to_json(method)) : print_method(method);
  }
  if (as_json) print_json(methods);
}

}  // namespace

void add_plugins_inspect(CLI::App& plugins) {
  struct PluginsInspectOptions {
    std::string name;
    bool as_json = false;
  };
  const auto options = std::make_shared<PluginsInspectOptions>();
  CLI::App* command =
      plugins.add_subcommand("inspect", "Prints what a method is, needs and takes as parameters");
  command
      ->add_option("NAME", options->name,
                   "A method, a plugin for all of its methods, or a rejected file")
      ->required();
  command->add_flag("--json", options->as_json, "Print JSON: a list of methods, or the rejection");
  command->footer(kPluginsInspectFooter);
  command->callback([options] { inspect(options->name, options->as_json); });
}

}  // namespace prumux::cli

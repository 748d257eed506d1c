#include <iostream>
#include <memory>

#include "core/cli/plugin_commands.h"
#include "core/cli/print_json.h"
#include "core/plugin/description.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"
#include "core/plugin/search_path.h"

namespace prumux::cli {
namespace {

using plugin::Method;
using plugin::Registry;
using plugin::Rejection;
using Json = nlohmann::ordered_json;

void print_methods(Registry& registry) {
  if (registry.methods().empty()) {
    std::cout << "no plugin was found\n";
    return;
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "KIND", "PLUGIN", "VERSION", "FILE"}};
  for (const Method& method : registry.methods()) {
    rows.push_back({method.descriptor->name, plugin::kind_name(method.descriptor->kind),
                    method.plugin->name, method.plugin->version, method.file.string()});
  }
  print_table(rows);
}

void print_list(Registry& registry) {
  print_methods(registry);
  for (const Rejection& rejection : registry.rejections()) {
    std::cout << "\nrejected: " << rejection.file.string() << "\n  " << rejection.reason << '\n';
  }
  std::cout << '\n';
  for (const auto& folder : registry.search_path()) {
    std::cout << "searched: " << plugin::describe_folder(folder) << '\n';
  }
}

}  // namespace

void add_plugins_list(CLI::App& plugins) {
  const auto as_json = std::make_shared<bool>(false);
  CLI::App* list = plugins.add_subcommand("list", "Prints the methods, and the rejected files");
  list->add_flag("--json", *as_json, "Print one JSON object, with all that inspect knows");
  list->footer("Example:\n  prumux plugins list --plugin-path ~/my-plugins");
  list->callback([as_json] {
    Registry& registry = Registry::instance();
    if (!*as_json) return print_list(registry);
    print_json(plugin::to_json(registry));
  });
}

}  // namespace prumux::cli

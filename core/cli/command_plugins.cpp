#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/cli/commands.h"
#include "core/config/plugin_schema.h"
#include "core/plugin/compatibility.h"
#include "core/plugin/fingerprint_reader.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"
#include "core/plugin/search_path.h"

namespace prumux::cli {
namespace {

using plugin::Method;
using plugin::Registry;
using plugin::Rejection;

void print_json(Registry& registry) {
  auto result = nlohmann::ordered_json::object();
  result["methods"] = nlohmann::ordered_json::array();
  for (const Method& method : registry.methods()) {
    std::string kind = plugin::kind_name(method.descriptor->kind);
    std::replace(kind.begin(), kind.end(), ' ', '-');
    result["methods"].push_back({{"name", method.descriptor->name},
                                 {"kind", kind},
                                 {"summary", method.descriptor->summary},
                                 {"plugin", method.plugin->name},
                                 {"version", method.plugin->version},
                                 {"license", method.plugin->license},
                                 {"file", method.file.string()}});
  }
  result["rejected"] = nlohmann::ordered_json::array();
  for (const Rejection& rejection : registry.rejections()) {
    result["rejected"].push_back({{"file", rejection.file.string()}, {"reason", rejection.reason}});
  }
  result["search_path"] = nlohmann::ordered_json::array();
  for (const auto& folder : registry.search_path()) {
    result["search_path"].push_back(folder.string());
  }
  // Names of files need not be UTF-8.
  using Json = nlohmann::ordered_json;
  std::cout << result.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column + 1 < row.size(); ++column) {
      line += fmt::format("{:<{}}  ", row[column], widths[column]);
    }
    std::cout << line << row.back() << '\n';
  }
}

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

std::string capabilities_text(std::uint32_t flags) {
  std::vector<std::string> names;
  if ((flags & PRUMUX_NEEDS_TEACHER) != 0) names.emplace_back("needs a teacher");
  if ((flags & PRUMUX_NEEDS_CUDA) != 0) names.emplace_back("needs CUDA");
  if ((flags & PRUMUX_NEEDS_CALIBRATION_DATA) != 0) names.emplace_back("needs calibration data");
  return names.empty() ? "needs nothing special" : fmt::format("{}", fmt::join(names, ", "));
}

std::string build_text(const std::filesystem::path& file) {
  const auto build = plugin::read_fingerprint(file);
  if (!build) {
    return "unknown, the file has been replaced";
  }
  return fmt::format("SDK {} (ABI {}.{}), libtorch {}, {}, {}",
                     plugin::field_text(build->sdk_version), build->abi_major, build->abi_minor,
                     plugin::field_text(build->torch_version), plugin::field_text(build->compiler),
                     plugin::field_text(build->build_kind));
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
  std::cout << fmt::format(
      "{} ({})\n"
      "  summary       {}\n"
      "  source        {}\n"
      "  plugin        {} {}, licence {}\n"
      "  file          {}\n"
      "  built with    {}\n"
      "  capabilities  {}\n",
      descriptor.name, plugin::kind_name(descriptor.kind), descriptor.summary, descriptor.source,
      method.plugin->name, method.plugin->version, method.plugin->license, method.file.string(),
      build_text(method.file), capabilities_text(descriptor.capabilities));
  print_parameters(descriptor);
}

void add_list(CLI::App& plugins) {
  const auto as_json = std::make_shared<bool>(false);
  CLI::App* list = plugins.add_subcommand("list", "Prints the methods, and the rejected files");
  list->add_flag("--json", *as_json, "Print one JSON object");
  list->footer("Example:\n  prumux plugins list --plugin-path ~/my-plugins");
  list->callback([as_json] {
    Registry& registry = Registry::instance();
    *as_json ? print_json(registry) : print_list(registry);
  });
}

void add_inspect(CLI::App& plugins) {
  const auto name = std::make_shared<std::string>();
  CLI::App* inspect =
      plugins.add_subcommand("inspect", "Prints what a method is, needs and takes as parameters");
  inspect->add_option("NAME", *name, "A method, or a plugin for all of its methods")->required();
  inspect->footer("Example:\n  prumux plugins inspect bilinear");
  inspect->callback([name] {
    for (const Method& method : Registry::instance().find_all(*name)) {
      print_method(method);
    }
  });
}

}  // namespace

void add_plugins(CLI::App& app) {
  app.add_option_function<std::vector<std::string>>(
         "--plugin-path",
         [](const std::vector<std::string>& folders) {
           Registry::instance().set_extra_search_path({folders.begin(), folders.end()});
         },
         "Folder to search for plugins before all others; may be repeated")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->allow_extra_args(false);
  CLI::App* plugins = app.add_subcommand("plugins", "Lists and describes the plugins");
  plugins->require_subcommand(1);
  plugins->footer("Example:\n  prumux plugins list");
  add_list(*plugins);
  add_inspect(*plugins);
}

}  // namespace prumux::cli

#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>

#include "core/cli/plugin_commands.h"
#include "core/plugin/scaffold.h"

namespace prumux::cli {
namespace {

constexpr const char* kPluginsNewFooter = R"(Example:
  prumux plugins new compressor my_method
  cmake -S my_method -B my_method/build -DCMAKE_PREFIX_PATH=DIR && cmake --build my_method/build
  ctest --test-dir my_method/build

Writes a folder that builds at once against the installed prumux in DIR: a small working method, its
parameters, a unit test, a pipeline on the sample data, and a README.)";

struct PluginsNewOptions {
  std::string kind;
  std::string name;
  std::filesystem::path folder;
};

void run(const PluginsNewOptions& options) {
  const std::filesystem::path folder =
      options.folder.empty() ? std::filesystem::path(options.name) : options.folder;
  plugin::write_scaffold(options.kind, options.name, folder);
  spdlog::info("wrote {}; {} says how to build it", folder.string(),
               (folder / "README.md").string());
}

}  // namespace

void add_plugins_new(CLI::App& plugins) {
  const auto options = std::make_shared<PluginsNewOptions>();
  CLI::App* command = plugins.add_subcommand("new", "Begins a new plugin");
  command->add_option("KIND", options->kind, "compressor, multiplexer or performance-model")
      ->required()
      ->type_name("");
  command->add_option("NAME", options->name, "Name of the method, of its files and its namespace")
      ->required()
      ->type_name("");
  command->add_option("DIR", options->folder, "New folder (default: NAME)")->type_name("");
  command->footer(kPluginsNewFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

#include <iostream>
#include <memory>

#include "core/cli/commands.h"
#include "core/cli/pipeline_arguments.h"
#include "core/cli/print_json.h"
#include "core/config/json_schema.h"
#include "core/config/print.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

constexpr const char* kConfigFooter = R"(Examples:
  prumux config configs/quickstart.yaml --set seed=7 --origin
  prumux config --schema > prumux.schema.json

Prints every value with the defaults filled in. Where a value is given by the grid alone, its last
one is shown.

The schema is a JSON Schema of pipeline files, with the methods of all plugins that are there. An
editor with a YAML language server completes and checks a file that begins with the line
  # yaml-language-server: $schema=prumux.schema.json)";

struct ConfigOptions {
  PipelineArguments pipeline;
  bool origin = false;
  bool schema = false;
};

void run(const ConfigOptions& options) {
  const auto table = pipeline::make_stage_table();
  if (options.schema) {
    print_json(config::json_schema(table->pipeline_fields()));
    return;
  }
  if (options.pipeline.file.empty()) {
    throw ConfigError("a pipeline file is missing - expected PIPELINE.yaml, or --schema");
  }
  const pipeline::Definition definition =
      pipeline::load_definition(options.pipeline.file, options.pipeline.overrides, *table);
  std::cout << config::to_yaml(definition.config, options.origin);
}

}  // namespace

void add_config(CLI::App& app) {
  const auto options = std::make_shared<ConfigOptions>();
  CLI::App* command = app.add_subcommand("config", "Print a pipeline with all its settings (YAML)");
  options->pipeline.add_file_to(*command);
  command->get_option("pipeline")->required(false);
  command->add_flag("--origin", options->origin, "Say where each value comes from");
  command->add_flag("--schema", options->schema, "Print the JSON Schema of pipeline files instead");
  command->footer(kConfigFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

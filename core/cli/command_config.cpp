#include <iostream>
#include <memory>

#include "core/cli/commands.h"
#include "core/cli/pipeline_arguments.h"
#include "core/config/print.h"

namespace prumux::cli {
namespace {

constexpr const char* kFooter = R"(Example:
  prumux config configs/quickstart.yaml --set seed=7 --origin

Prints every value with the defaults filled in. Where a value is given by the grid alone, its last
one is shown.)";

struct Options {
  PipelineArguments pipeline;
  bool origin = false;
};

void run(const Options& options) {
  const auto table = pipeline::make_stage_table();
  const pipeline::Definition definition =
      pipeline::load_definition(options.pipeline.file, options.pipeline.overrides, *table);
  std::cout << config::to_yaml(definition.config, options.origin);
}

}  // namespace

void add_config(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("config", "Print a pipeline with all its settings (YAML)");
  options->pipeline.add_file_to(*command);
  command->add_flag("--origin", options->origin, "Say where each value comes from");
  command->footer(kFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

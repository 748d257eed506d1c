#include <memory>

#include "core/cli/commands.h"
#include "core/cli/pipeline_arguments.h"

namespace prumux::cli {
namespace {

constexpr const char* kStatusFooter = R"(Example:
  prumux status configs/quickstart.yaml

For each stage: up_to_date, stale and what has changed, partial and at which step, or missing.
JSON, or lines on a terminal.)";

void run(const PipelineArguments& arguments) {
  const LoadedPipeline pipeline = load_pipeline(arguments);
  print(pipeline, pipeline::preview(pipeline.plan, pipeline.folder, {}));
}

}  // namespace

void add_status(CLI::App& app) {
  const auto arguments = std::make_shared<PipelineArguments>();
  CLI::App* command =
      app.add_subcommand("status", "Say what a run of a pipeline would do, and why");
  arguments->add_file_to(*command);
  arguments->add_out_to(*command);
  command->footer(kStatusFooter);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace prumux::cli

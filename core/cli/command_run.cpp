#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "core/cli/commands.h"
#include "core/cli/interrupt.h"
#include "core/cli/pipeline_arguments.h"
#include "core/cli/print_json.h"
#include "core/cli/thread_waiting.h"

namespace prumux::cli {
namespace {

constexpr const char* kRunFooter = R"(Examples:
  prumux run configs/quickstart.yaml
  prumux run configs/sst2.yaml --set data.root=DIR --set model.from=DIR --out runs/sst2

Stages whose results are there are reused, and an interrupted run goes on with the same command.
The last output is one JSON object: the cells with accuracy and throughput, and the prediction.)";

struct RunOptions {
  PipelineArguments pipeline;
  pipeline::RunOptions run;
  bool dry_run = false;
};

void run(RunOptions& options) {
  if (!options.dry_run) let_waiting_threads_sleep();
  const LoadedPipeline loaded = load_pipeline(options.pipeline);
  if (options.dry_run) {
    print(loaded, pipeline::preview(loaded.plan, loaded.folder, options.run));
    return;
  }
  const std::int64_t threads = loaded.plan.definition.config.at("threads").integer();
  if (threads > 0) at::set_num_threads(static_cast<int>(threads));
  watch_for_interrupts();
  options.run.stop_requested = is_interrupted;
  const pipeline::Summary summary = pipeline::run(loaded.plan, loaded.folder, options.run);
  spdlog::info("\n{}", pipeline::to_text(summary));
  print_json(pipeline::to_json(summary));
}

}  // namespace

void add_run(CLI::App& app) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run a pipeline, or what is left of it");
  options->pipeline.add_file_to(*command);
  options->pipeline.add_out_to(*command);
  command->add_flag("--dry-run", options->dry_run, "Only say what would be done, and why");
  command->add_option("--force", options->run.force, "Compute a stage and what depends on it again")
      ->type_name("STAGE");
  command->add_option("--until", options->run.until, "Stop after a stage")->type_name("STAGE");
  command->footer(kRunFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

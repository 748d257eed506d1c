#include "core/cli/pipeline_arguments.h"
#include "core/cli/print_json.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <iostream>

#include "prumux/error.h"

namespace prumux::cli {

void PipelineArguments::add_file_to(CLI::App& command) {
  command.add_option("pipeline", file, "Pipeline file")->required()->type_name("PIPELINE.yaml");
  command.add_option("--set", overrides, "Replace a setting, e.g. stages.prune.learning_rate=1e-4")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

void PipelineArguments::add_out_to(CLI::App& command) {
  command.add_option("--out", out, "Folder of the run (default: runs/<name of the pipeline>)")
      ->type_name("DIR");
}

LoadedPipeline load_pipeline(const PipelineArguments& arguments) {
  if (arguments.out && arguments.out->empty()) {
    throw ConfigError("--out '' - expected the name of a folder");
  }
  std::unique_ptr<const pipeline::StageTable> table = pipeline::make_stage_table();
  pipeline::Plan plan = pipeline::make_plan(
      pipeline::load_definition(arguments.file, arguments.overrides, *table), *table);
  const std::filesystem::path folder =
      arguments.out.value_or(std::filesystem::path("runs") / plan.definition.name());
  std::error_code code;
  if (std::filesystem::exists(folder, code) && !std::filesystem::is_directory(folder, code)) {
    throw ConfigError(
        fmt::format("the folder of the run '{}' is a file - expected a folder, or a "
                    "name that is free; --out gives another",
                    folder.string()));
  }
  return {std::move(table), std::move(plan), pipeline::RunFolder(folder)};
}

nlohmann::json to_json(const LoadedPipeline& pipeline,
                       const std::vector<pipeline::PlannedAction>& actions) {
  nlohmann::json stages = nlohmann::json::array();
  for (const pipeline::PlannedAction& action : actions) {
    nlohmann::json cells = nlohmann::json::array();
    for (const std::size_t cell : action.stage->cells) {
      cells.push_back(pipeline::describe_cell(pipeline.plan.definition.cells[cell].variables));
    }
    stages.push_back({{"id", action.stage->id},
                      {"stage", action.stage->kind->name()},
                      {"cells", cells},
                      {"status", pipeline::to_string(action.state.status)},
                      {"reason", action.state.reason},
                      {"runs", action.runs},
                      {"folder", pipeline.folder.of(*action.stage).string()}});
  }
  return {{"name", pipeline.plan.definition.name()},
          {"run", pipeline.folder.path().string()},
          {"stages", stages}};
}

std::string to_text(const LoadedPipeline& pipeline,
                    const std::vector<pipeline::PlannedAction>& actions) {
  std::string text;
  for (const pipeline::PlannedAction& action : actions) {
    const std::size_t cells = action.stage->cells.size();
    const std::string where =
        action.stage->cells.empty() ? "all cells"
        : cells == 1                ? pipeline::describe_cell(
                                          pipeline.plan.definition.cells[action.stage->cells.front()].variables)
                     : fmt::format("{} cells", cells);
    text += fmt::format("{:<16} {:<28} {}\n", action.stage->id, where, action.state.reason);
  }
  return text;
}

void print(const LoadedPipeline& pipeline, const std::vector<pipeline::PlannedAction>& actions) {
  if (isatty(STDOUT_FILENO) != 0) {
    std::cout << to_text(pipeline, actions);
  } else {
    print_json(to_json(pipeline, actions));
  }
}

}  // namespace prumux::cli

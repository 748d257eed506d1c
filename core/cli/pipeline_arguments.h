#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/engine.h"
#include "core/pipeline/plan.h"
#include "core/pipeline/run_folder.h"
#include "core/pipeline/stages/catalogue.h"

namespace prumux::cli {

/// What `run`, `status` and `config` share.
struct PipelineArguments {
  std::filesystem::path file;
  std::vector<std::string> overrides;
  std::optional<std::filesystem::path> out;

  void add_file_to(CLI::App& command);
  void add_out_to(CLI::App& command);
};

/// A planned pipeline, and the table that it refers to.
struct LoadedPipeline {
  std::unique_ptr<const pipeline::StageTable> table;
  pipeline::Plan plan;
  pipeline::RunFolder folder;
};

LoadedPipeline load_pipeline(const PipelineArguments& arguments);

/// One object a stage: id, stage, cells, status, reason, runs, folder.
nlohmann::json to_json(const LoadedPipeline& pipeline,
                       const std::vector<pipeline::PlannedAction>& actions);

/// The same, one line a stage.
std::string to_text(const LoadedPipeline& pipeline,
                    const std::vector<pipeline::PlannedAction>& actions);

/// The text on a terminal, else JSON.
void print(const LoadedPipeline& pipeline, const std::vector<pipeline::PlannedAction>& actions);

}  // namespace prumux::cli

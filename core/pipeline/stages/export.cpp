#include "core/pipeline/stages/export.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>

#include "core/pipeline/stages/exported_model.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

fs::path destination(const config::Value& settings, const std::string& cell) {
  const fs::path folder = settings.at("to").path();
  return cell.empty() ? folder : folder / cell;
}

/// How many export stages of the pipeline write to the same folder as this one.
std::ptrdiff_t exports_to(const fs::path& folder, const std::string& kind,
                          const config::Value& stages) {
  return std::ranges::count_if(stages.items, [&](const config::Value& stage) {
    return stage.at("stage").string() == kind && stage.has("to") &&
           stage.at("to").path().lexically_normal() == folder.lexically_normal();
  });
}

}  // namespace

std::vector<config::Field> ExportStage::fields() const {
  return {{.name = "to",
           .type = config::Type::path,
           .required = true,
           .help = "folder that receives the model; with a grid, a folder in it for each cell"}};
}

std::vector<InputPort> ExportStage::input_ports() const {
  return {{"from", true, "stage whose model is copied"}};
}

void ExportStage::plan(const StageRequest& request, Record& record,
                       config::Problems& problems) const {
  // Cells that share a model get a copy each.
  record.add("cell", request.cell);
  if (!request.inputs.contains("from")) {
    problems.add(request.settings.place,
                 "export has no model - expected a stage before it that "
                 "leaves one");
  }
  const config::Value& to = request.settings.at("to");
  if (exports_to(to.path(), name(), request.pipeline.at("stages")) > 1) {
    problems.add(to.place,
                 fmt::format("to '{}' - expected a folder that no other export replaces", to.text));
  }
  if (!may_be_replaced(destination(request.settings, request.cell))) {
    problems.add(to.place, fmt::format("to '{}' - expected a new folder, or one of an earlier "
                                       "export: this one has other files in it",
                                       to.text));
  }
}

nlohmann::json ExportStage::run(const StageJob& job) const {
  const fs::path folder = destination(job.settings, job.cell);
  export_model(job.inputs.at("from") / "model", folder, job.key);
  return {{"folder", folder.string()}};
}

}  // namespace prumux::pipeline

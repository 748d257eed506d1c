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

/// Without links, and without a slash at the end.
fs::path real_path(const fs::path& path) {
  std::error_code code;
  const fs::path real = fs::weakly_canonical(path, code);
  const fs::path& found = code ? path : real;
  return found.has_filename() ? found : found.parent_path();
}

bool is_in(const fs::path& path, const fs::path& folder) {
  return std::ranges::mismatch(path, folder).in2 == folder.end();
}

/// Whether they are the same folder, or one lies in the other.
bool overlap(const fs::path& a, const fs::path& b) {
  const fs::path real_a = real_path(a);
  const fs::path real_b = real_path(b);
  return is_in(real_a, real_b) || is_in(real_b, real_a);
}

/// How many export stages of the pipeline, this one included, write to `folder`, into it or around
/// it.
std::ptrdiff_t exports_to(const fs::path& folder, const std::string& kind,
                          const config::Value& stages) {
  return std::ranges::count_if(stages.items, [&](const config::Value& stage) {
    return stage.at("stage").string() == kind && overlap(stage.at("to").path(), folder);
  });
}

/// The model that the pipeline starts from is read again by later runs.
void check_inputs(const config::Value& to, const fs::path& folder, const config::Value& model,
                  config::Problems& problems) {
  std::error_code code;
  for (const char* name : {"from", "vocabulary"}) {
    const config::Value* input = model.find(name);
    if (input == nullptr || !fs::is_directory(input->path(), code)) continue;
    if (!overlap(input->path(), folder)) continue;
    problems.add(to.place, fmt::format("to '{}' - expected a folder apart from that of model.{} "
                                       "('{}'), which the export would change",
                                       to.text, name, input->text));
  }
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
  check_inputs(to, destination(request.settings, request.cell), request.pipeline.at("model"),
               problems);
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

#include "core/report/facts.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/report/cells.h"
#include "core/report/conclusions.h"
#include "core/report/curves.h"
#include "core/report/pipeline_facts.h"
#include "core/report/stage_graph.h"
#include "core/report/structure.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"

namespace prumux::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Kind of the stage that writes the page.
constexpr const char* kOwnKind = "report";
constexpr const char* kCellNumbers[] = {"accuracy",          "throughput",         "parameters",
                                        "flops_per_example", "encoder_parameters", "examples"};
/// What a throughput depends on beside the model.
constexpr const char* kConditions[] = {"device", "threads", "precision", "length",
                                       "groups", "rounds",  "machine"};

void require_run_folder(const fs::path& run) {
  std::error_code code;
  if (!fs::exists(run, code)) {
    throw IoError(
        fmt::format("'{}' does not exist; give the folder of a run, as `prumux run "
                    "--out` names it (by default runs/NAME)",
                    run.string()));
  }
  const bool is_stage = fs::exists(run / "stage.json", code);
  if (is_stage ||
      (!fs::is_directory(run / "stages", code) && !fs::exists(run / "resolved.yaml", code))) {
    throw DataError(fmt::format(
        "'{}' is no folder of a run: it {}; give the one that `prumux run --out` "
        "names (by default runs/NAME)",
        run.string(), is_stage ? "is that of a stage" : "has neither resolved.yaml nor stages"));
  }
}

json cell_facts(const Cell& cell, const StageGraph& graph) {
  json facts = {{"label", cell.label()},
                {"instances", cell.instances},
                {"sparsity", cell.sparsity},
                {"variables", json::object()},
                {"is_measured", !cell.measurements.empty()}};
  for (const auto& [name, value] : cell.variables) facts["variables"][name] = value;
  for (const char* name : kCellNumbers) {
    if (const auto number = cell.number(name)) facts[name] = *number;
  }
  const StageFolder& first = *cell.stages().front();
  if (const auto removed = graph.number_of("sparsity", first)) facts["removed"] = *removed;
  if (cell.model != nullptr) facts["model"] = cell.model->relative_path() + "/model";
  for (const StageFolder* stage : cell.stages()) {
    facts["stages"].push_back(stage->relative_path());
    if (stage->result.contains("scores")) facts["scores"] = stage->result["scores"];
    if (stage->result.contains("examples_per_second")) {
      facts["examples_per_second"] = stage->result["examples_per_second"];
    }
  }
  return facts;
}

/// The conditions under which the throughputs were measured: for each, the values that occur.
json measured_with(const std::vector<Cell>& cells) {
  json conditions = json::object();
  for (const Cell& cell : cells) {
    for (const StageFolder* stage : cell.measurements) {
      if (!stage->result.contains("throughput")) continue;
      for (const char* name : kConditions) {
        const auto value = stage->result.find(name);
        if (value == stage->result.end()) continue;
        json& values = conditions[name];
        if (std::find(values.begin(), values.end(), *value) == values.end()) {
          values.push_back(*value);
        }
      }
    }
  }
  return conditions;
}

/// Of each model once, be it in several cells.
json structures(const std::vector<Cell>& cells, const StageGraph& graph,
                const PipelineFacts& pipeline, std::vector<std::string>& notes) {
  json result = json::array();
  std::set<const StageFolder*> seen = {nullptr};
  for (const Cell& cell : cells) {
    if (!seen.insert(cell.model).second) continue;
    try {
      const auto structure = read_structure(cell.model->path / "model");
      if (!structure || structure->is_dense()) continue;
      json facts = to_json(*structure);
      const std::string label = describe(variables_of(*cell.model, graph, pipeline));
      facts["label"] = label.empty() ? cell.label() : label;
      facts["model"] = cell.model->relative_path() + "/model";
      if (const auto accuracy = cell.number("accuracy")) facts["accuracy"] = *accuracy;
      result.push_back(std::move(facts));
    } catch (const Error& problem) {
      notes.emplace_back(problem.what());
    }
  }
  return result;
}

/// The part of the grid that a stage belongs to; empty for one that reads the results of all cells.
std::string label_of(const StageFolder& stage, const StageGraph& graph,
                     const PipelineFacts& pipeline) {
  if (!stage.inputs.empty() && graph.source_of(stage) == nullptr) return "";
  return describe(variables_of(stage, graph, pipeline));
}

/// Whether the same stage was computed to its end with other settings.
bool is_abandoned(const StageFolder& stage, const StageGraph& graph,
                  const PipelineFacts& pipeline) {
  const auto same = [&](const StageFolder& other) {
    return other.complete && other.id == stage.id &&
           label_of(other, graph, pipeline) == label_of(stage, graph, pipeline);
  };
  return !stage.complete && std::any_of(graph.stages().begin(), graph.stages().end(), same);
}

json curves(const StageGraph& graph, const PipelineFacts& pipeline) {
  json result = json::array();
  for (const StageFolder& stage : graph.stages()) {
    if (is_abandoned(stage, graph, pipeline)) continue;
    const TrainingCurves found = read_curves(stage.path);
    if (found.empty()) continue;
    json facts = to_json(found);
    facts["id"] = stage.id;
    facts["kind"] = stage.kind;
    facts["folder"] = stage.relative_path();
    facts["complete"] = stage.complete;
    facts["label"] = label_of(stage, graph, pipeline);
    result.push_back(std::move(facts));
  }
  return result;
}

json stages(const StageGraph& graph, const PipelineFacts& pipeline) {
  json result = json::array();
  for (const StageFolder& stage : graph.stages()) {
    if (stage.kind == kOwnKind) continue;  // It is being computed: this is its result.
    result.push_back({{"folder", stage.relative_path()},
                      {"id", stage.id},
                      {"kind", stage.kind},
                      {"label", label_of(stage, graph, pipeline)},
                      {"complete", stage.complete},
                      {"finished", stage.finished},
                      {"seconds", stage.seconds}});
  }
  return result;
}

/// Of prumux, torch and the plugins; more than one where the stages were computed by several.
json versions(const StageGraph& graph) {
  std::map<std::string, std::vector<std::string>> found;
  for (const StageFolder& stage : graph.stages()) {
    for (const auto& [name, value] : stage.settings) {
      if (name != "prumux" && name != "torch" && !name.ends_with(".plugin")) continue;
      std::vector<std::string>& values = found[name];
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
  }
  return found;
}

json variables(const PipelineFacts& pipeline) {
  json result = json::array();
  for (const GridVariable& variable : pipeline.variables) {
    result.push_back(
        {{"name", variable.name}, {"set", variable.path}, {"values", variable.values}});
  }
  return result;
}

}  // namespace

json collect_facts(const fs::path& run) {
  require_run_folder(run);
  std::vector<std::string> notes;
  const PipelineFacts pipeline = read_pipeline(run, notes);
  const StageGraph graph(read_stage_folders(run, notes));
  const std::vector<Cell> cells = find_cells(graph, pipeline, notes);
  json facts = {{"name", pipeline.name},
                {"task", pipeline.task},
                {"folder", fs::weakly_canonical(run).filename().string()},
                {"made",
                 {{"time", fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::time(nullptr)))},
                  {"prumux", PRUMUX_SDK_VERSION}}},
                {"variables", variables(pipeline)},
                {"order", pipeline.stages},
                {"cells", json::array()},
                {"prediction", prediction(cells, graph, pipeline, notes)},
                {"search", search(cells, graph, pipeline, notes)},
                {"curves", curves(graph, pipeline)},
                {"structures", structures(cells, graph, pipeline, notes)},
                {"stages", stages(graph, pipeline)},
                {"versions", versions(graph)},
                {"measured_with", measured_with(cells)},
                {"configuration", pipeline.text}};
  for (const Cell& cell : cells) facts["cells"].push_back(cell_facts(cell, graph));
  facts["notes"] = notes;
  return facts;
}

}  // namespace prumux::report

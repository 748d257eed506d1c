#include "core/pipeline/stages/tune.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/config/scalar.h"
#include "core/pipeline/stages/cell_search.h"
#include "core/pipeline/stages/exported_model.h"
#include "core/pipeline/stages/methods.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using config::Field;
using config::Type;
using config::Value;

constexpr const char* kModelFolder = "model";

SearchGoal goal_of(const Value& settings) {
  SearchGoal goal;
  if (const Value* value = settings.find("min_accuracy")) goal.min_accuracy = value->real();
  if (const Value* value = settings.find("max_loss")) goal.max_loss = value->real();
  goal.hours = settings.at("hours").real();
  goal.min_gain = settings.at("min_gain").real();
  return goal;
}

CellSearch search_of(const Value& settings) {
  return {goal_of(settings), model_factory(settings.at("model"))};
}

/// The cells are points of a space: every variable of the grid must be a number.
void check_grid(const Value& grid, config::Problems& problems) {
  for (const Value::Entry& variable : grid.entries) {
    for (const Value& value : variable.value.at("values").items) {
      if (config::parse_real(value.text)) continue;
      problems.add(value.place, fmt::format("grid.{} '{}' - expected a number, for tune to predict "
                                            "what lies between the cells",
                                            variable.key, value.text));
    }
  }
}

bool has_value(const Value& variable, double wanted) {
  const std::vector<Value>& values = variable.at("values").items;
  return std::ranges::any_of(
      values, [wanted](const Value& value) { return config::parse_real(value.text) == wanted; });
}

/// A loss is relative to the cell of one instance and sparsity 0.
bool has_plain_cell(const Value& grid, const Value& pipeline) {
  const Value* sparsity = grid.find("sparsity");
  const Value* instances = grid.find("instances");
  return sparsity != nullptr && has_value(*sparsity, 0.0) &&
         (instances != nullptr ? has_value(*instances, 1.0)
                               : pipeline.at("multiplexer").at("instances").integer() == 1);
}

bool is_only_one_of(const std::string& kind, const Value& stages) {
  return std::ranges::count_if(stages.items, [&kind](const Value& stage) {
           return stage.at("stage").string() == kind;
         }) == 1;
}

}  // namespace

std::vector<Field> TuneStage::fields() const {
  Field model = method_field("model", PRUMUX_PERFORMANCE_MODEL,
                             "the performance model, best one that knows its uncertainty");
  model.default_value = "{method: gaussian_process}";
  return {{.name = "max_loss",
           .type = Type::real,
           .minimum = 0,
           .maximum = 1,
           .help = "accepted loss of accuracy against 1 instance and sparsity 0"},
          {.name = "min_accuracy",
           .type = Type::real,
           .minimum = 0,
           .maximum = 1,
           .help = "or the accuracy to be reached"},
          {.name = "hours",
           .type = Type::real,
           .default_value = "0",
           .minimum = 0,
           .maximum = 1e6,
           .unit = "hours",
           .help = "no cell is begun that would probably end later; 0: without limit"},
          {.name = "min_gain",
           .type = Type::real,
           .default_value = "0.02",
           .minimum = 0,
           .maximum = 1e6,
           .help = "go on while a cell promises this share of the best throughput in addition"},
          std::move(model)};
}

std::unique_ptr<CellChooser> TuneStage::cell_chooser(const StageRequest& request) const {
  return std::make_unique<CellSearch>(search_of(request.settings));
}

void TuneStage::plan(const StageRequest& request, Record& record,
                     config::Problems& problems) const {
  const Value& section = request.settings.at("model");
  const plugin::Method* method =
      find_method(PRUMUX_PERFORMANCE_MODEL, section.at("method"), problems);
  if (method != nullptr) add_method(record, "model", *method);
  const Value& place = request.settings;
  const bool relative = place.has("max_loss");
  if (relative == place.has("min_accuracy")) {
    problems.add(place.place, "tune - expected one of max_loss and min_accuracy");
  }
  if (!is_only_one_of(name(), request.pipeline.at("stages"))) {
    problems.add(place.place, "tune - expected one such stage in a pipeline");
  }
  if (!request.follows_throughput) {
    problems.add(place.place, "tune goes by throughputs - expected a 'benchmark' stage before it");
  }
  const Value* grid = request.pipeline.find("grid");
  if (grid == nullptr || grid->entries.empty()) {
    problems.add(place.place, "tune has nothing to choose from - expected a 'grid'");
    return;
  }
  check_grid(*grid, problems);
}

void TuneStage::check(const StageRequest& request) const {
  const Value* loss = request.settings.find("max_loss");
  if (loss == nullptr || has_plain_cell(request.pipeline.at("grid"), request.pipeline)) return;
  config::Problems problems;
  problems.add(loss->place,
               "max_loss is relative to the cell of 1 instance and sparsity 0, which the grid "
               "does not have - expected a variable 'sparsity' with 0, and 'instances' with 1; "
               "or min_accuracy instead");
  problems.throw_if_any();
}

nlohmann::json TuneStage::run(const StageJob& job) const {
  const SearchStep step = search_of(job.settings).decide(job.summary);
  nlohmann::json numbers = {{"cells", job.summary.cells.size()},
                            {"measured_cells", step.measured},
                            {"seconds", step.seconds},
                            {"ended_because", step.reason}};
  if (step.min_accuracy) numbers["min_accuracy"] = *step.min_accuracy;
  spdlog::info("[tune] {} of {} cells were computed, in {:.0f} s; {}", step.measured,
               job.summary.cells.size(), step.seconds, step.reason);
  const fs::path handed_over = job.run_folder / kModelFolder;
  if (!step.best) {
    // An earlier one may be there, of another budget.
    remove_exported_model(handed_over);
    spdlog::warn(
        "[tune] no measured cell is accurate enough - allow less accuracy, or improve the "
        "recipe; no model is handed over");
    return numbers;
  }
  const CellSummary& best = job.summary.cells[*step.best];
  for (const auto& [name, value] : best.variables) numbers["chosen"][name] = value;
  numbers["chosen_accuracy"] = *best.number("accuracy");
  numbers["chosen_throughput"] = *best.number("throughput");
  spdlog::info("[tune] deploy {}: accuracy {:.4f}, {:.0f} examples/s",
               describe_cell(best.variables), *best.number("accuracy"), *best.number("throughput"));
  const std::optional<fs::path> model = best.model();
  if (!model) {
    remove_exported_model(handed_over);
    spdlog::info("[tune] its model is the one that the pipeline starts from, and is not copied");
    return numbers;
  }
  export_model(*model, handed_over, job.key);
  numbers["model"] = handed_over.string();
  spdlog::info("[tune] its model is in {}", handed_over.string());
  return numbers;
}

}  // namespace prumux::pipeline

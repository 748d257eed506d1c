#include "core/pipeline/stages/tune.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "core/config/scalar.h"
#include "core/io/atomic_file.h"
#include "core/pipeline/stages/cell_search.h"
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
void check_grid(const StageRequest& request, config::Problems& problems) {
  const Value* grid = request.pipeline.find("grid");
  if (grid == nullptr || grid->entries.empty()) {
    problems.add(request.settings.place, "tune has nothing to choose from - expected a 'grid'");
    return;
  }
  for (const Value::Entry& variable : grid->entries) {
    for (const Value& value : variable.value.at("values").items) {
      if (config::parse_real(value.text)) continue;
      problems.add(value.place, fmt::format("grid.{} '{}' - expected a number, for tune to predict "
                                            "what lies between the cells",
                                            variable.key, value.text));
    }
  }
}

void hand_over(const fs::path& model, const fs::path& destination) {
  io::write_folder_atomically(destination, [&](const fs::path& temporary) {
    for (const auto& entry : fs::directory_iterator(model)) {
      fs::copy_file(entry.path(), temporary / entry.path().filename());
    }
  });
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
  if (request.settings.has("max_loss") == request.settings.has("min_accuracy")) {
    problems.add(request.settings.place, "tune - expected one of max_loss and min_accuracy");
  }
  check_grid(request, problems);
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
  if (!step.best) {
    spdlog::warn(
        "[tune] no measured cell is accurate enough - allow a larger loss, or improve the "
        "recipe");
    return numbers;
  }
  const CellSummary& best = job.summary.cells[*step.best];
  for (const auto& [name, value] : best.variables) numbers["chosen"][name] = value;
  numbers["chosen_accuracy"] = *best.number("accuracy");
  numbers["chosen_throughput"] = *best.number("throughput");
  spdlog::info("[tune] deploy {}: accuracy {:.4f}, {:.0f} examples/s",
               describe_cell(best.variables), *best.number("accuracy"), *best.number("throughput"));
  if (const std::optional<fs::path> model = best.model()) {
    hand_over(*model, job.run_folder / kModelFolder);
    numbers["model"] = (job.run_folder / kModelFolder).string();
    spdlog::info("[tune] its model is in {}", (job.run_folder / kModelFolder).string());
  }
  return numbers;
}

}  // namespace prumux::pipeline

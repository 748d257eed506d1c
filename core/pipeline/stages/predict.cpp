#include "core/pipeline/stages/predict.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>

#include "core/io/atomic_file.h"
#include "core/io/json_text.h"
#include "core/pipeline/stages/methods.h"
#include "core/prediction/grid_csv.h"
#include "core/prediction/model_factory.h"
#include "core/prediction/recommendation.h"
#include "core/prediction/validation.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using config::Field;
using config::Type;
using config::Value;

Field list_of(const char* name, Field element, const char* help) {
  return {.name = name,
          .type = Type::list,
          .help = help,
          .element = config::element(std::move(element))};
}

/// All combinations; empty (all measured cells) when no list is given.
std::optional<std::vector<prediction::Cell>> candidates_of(const Value& settings) {
  const Value* section = settings.find("candidates");
  if (section == nullptr) return std::nullopt;
  std::vector<prediction::Cell> cells;
  for (const std::int64_t instances : section->at("instances").integers()) {
    for (const double sparsity : section->at("sparsity").reals()) {
      cells.push_back({instances, sparsity});
    }
  }
  return cells;
}

/// The grid takes the mean of cells that it cannot tell apart.
void warn_of_means(const Summary& summary, const prediction::TaskGrid& task) {
  const auto measured =
      static_cast<std::size_t>(std::ranges::count_if(summary.cells, [](const CellSummary& cell) {
        return cell.number("accuracy") || cell.number("throughput");
      }));
  if (measured == task.cells.size()) return;
  spdlog::warn(
      "{} cells have only {} pairs of instances and sparsity; cells of the same pair count as one, "
      "of their mean accuracy and throughput",
      measured, task.cells.size());
}

/// What can be recommended for one accepted loss, or why nothing can.
nlohmann::json recommendations_for(double loss, const prediction::Grid& grid,
                                   prediction::RecommendationOptions options,
                                   const prediction::ModelFactory& models) {
  options.max_loss = loss;
  nlohmann::json entry = {{"max_loss", loss}};
  try {
    const prediction::Recommendations found = prediction::recommend(grid, options, models);
    entry.update(prediction::to_json(found));
    spdlog::info("for a loss of at most {}:\n{}", loss, prediction::to_text(found));
  } catch (const DataError& problem) {
    entry["recommendations"] = nlohmann::json::array();
    entry["reason"] = problem.what();
    spdlog::warn("for a loss of at most {}: {}", loss, problem.what());
  }
  return entry;
}

/// Every candidate with what is known or predicted of it, not only the best ones.
nlohmann::json all_candidates(const prediction::Grid& grid,
                              const prediction::RecommendationOptions& options,
                              const prediction::ModelFactory& models) {
  try {
    return prediction::to_json(prediction::estimates(grid, options, models));
  } catch (const DataError&) {
    return nlohmann::json::array();  // The reason stands with each of the accepted losses.
  }
}

}  // namespace

prediction::Grid measured_grid(const Summary& summary, const std::string& task) {
  std::vector<prediction::GridRow> rows;
  for (const CellSummary& cell : summary.cells) {
    const prediction::Measurement measurement{cell.number("accuracy"), cell.number("throughput")};
    if (!measurement.accuracy && !measurement.throughput) continue;
    rows.push_back({task, {cell.instances, cell.sparsity()}, measurement});
  }
  return prediction::Grid(rows);
}

std::vector<Field> PredictStage::fields() const {
  Field model = method_field("model", PRUMUX_PERFORMANCE_MODEL, "the performance model");
  model.default_value = "{method: bilinear}";
  Field instances = list_of("instances", {.type = Type::integer, .minimum = 1}, "numbers");
  Field sparsity =
      list_of("sparsity", {.type = Type::real, .minimum = 0, .maximum = 0.99}, "shares");
  instances.required = true;
  sparsity.required = true;
  Field losses = list_of("max_loss", {.type = Type::real, .minimum = 0, .maximum = 0.99},
                         "accepted losses of accuracy; cells are recommended for each");
  losses.default_value = "[0.01, 0.03, 0.05]";
  return {std::move(model),
          std::move(losses),
          {.name = "top",
           .type = Type::integer,
           .default_value = "3",
           .minimum = 1,
           .maximum = 1000,
           .help = "recommendations for each loss"},
          {.name = "candidates",
           .type = Type::map,
           .help = "cells to choose from; by default those that were measured",
           .fields = {std::move(instances), std::move(sparsity)}},
          {.name = "allow_extrapolation",
           .type = Type::boolean,
           .default_value = "false",
           .help = "also recommend cells outside of what was measured"}};
}

void PredictStage::plan(const StageRequest& request, Record& record,
                        config::Problems& problems) const {
  const Value& section = request.settings.at("model");
  const plugin::Method* method =
      find_method(PRUMUX_PERFORMANCE_MODEL, section.at("method"), problems);
  if (method != nullptr) add_method(record, "model", *method);
  if (const Value& losses = request.settings.at("max_loss"); losses.items.empty()) {
    problems.add(losses.place, "max_loss [] - expected at least one value");
  }
  if (const Value* candidates = request.settings.find("candidates")) {
    for (const char* name : {"instances", "sparsity"}) {
      const Value& list = candidates->at(name);
      if (list.items.empty()) {
        problems.add(list.place,
                     fmt::format("candidates.{} [] - expected at least one value", name));
      }
    }
  }
}

nlohmann::json PredictStage::run(const StageJob& job) const {
  const Value* task = job.pipeline.at("data").find("task");
  const prediction::Grid grid =
      measured_grid(job.summary, task != nullptr ? task->string() : job.summary.name);
  if (grid.tasks().empty()) {
    throw DataError("no cell was measured - put evaluate and benchmark stages before this one");
  }
  warn_of_means(job.summary, grid.tasks().front());
  prediction::write_grid(job.run_folder / "grid.csv", grid);
  const prediction::ModelFactory models = model_factory(job.settings.at("model"));
  prediction::RecommendationOptions options;
  options.task = grid.tasks().front().name;
  options.top = static_cast<std::size_t>(job.settings.at("top").integer());
  options.candidates = candidates_of(job.settings);
  options.allow_extrapolation = job.settings.at("allow_extrapolation").boolean();
  nlohmann::json numbers = {{"budgets", nlohmann::json::array()},
                            {"candidates", all_candidates(grid, options, models)}};
  for (const double loss : job.settings.at("max_loss").reals()) {
    numbers["budgets"].push_back(recommendations_for(loss, grid, options, models));
  }
  const std::vector<prediction::Validation> validation = {
      prediction::cross_validate(grid, options.task, std::nullopt, models)};
  numbers["cross_validation"] = prediction::to_json(validation);
  spdlog::info("{}", prediction::to_text(validation));
  io::write_file_atomically(job.run_folder / "prediction.json", io::json_text(numbers) + "\n");
  return numbers;
}

}  // namespace prumux::pipeline

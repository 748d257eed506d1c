#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cli/commands.h"
#include "core/cli/print_json.h"
#include "core/prediction/grid_csv.h"
#include "core/prediction/model_factory.h"
#include "core/prediction/recommendation.h"
#include "core/prediction/validation.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

constexpr const char* kPredictFooter = R"(Example:
  prumux predict grid.csv --task sst2 --max-loss 0.02

grid.csv has the header task,instances,sparsity,accuracy,throughput and one row for each
configuration; accuracies in [0, 1], throughput in examples/s, empty: not measured.
Configurations without an accuracy are predicted. JSON, or a table on a terminal.)";

struct PredictArguments {
  std::filesystem::path grid;
  std::optional<std::string> task;
  std::optional<std::string> throughput_task;
  std::optional<double> min_accuracy;
  std::optional<double> max_loss;
  std::size_t top = 3;
  std::string model = "bilinear";
  std::vector<std::string> parameters;
  std::optional<std::filesystem::path> candidates;
  bool allow_extrapolation = false;
  bool cross_validate = false;
  bool json = false;
};

std::vector<std::pair<std::string, std::string>> split_parameters(
    const std::vector<std::string>& assignments) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw ConfigError("--parameter takes NAME=VALUE, found '" + assignment + "'");
    }
    parameters.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return parameters;
}

template <typename Result>
void print(const Result& result, bool as_json) {
  if (as_json || isatty(STDOUT_FILENO) == 0) {
    print_json(prediction::to_json(result));
  } else {
    std::cout << prediction::to_text(result);
  }
}

void cross_validate(const PredictArguments& arguments, const prediction::ModelFactory& models) {
  const prediction::Grid grid = prediction::read_grid(arguments.grid);
  std::vector<prediction::Validation> validations;
  const auto validate = [&](const std::string& task) {
    validations.push_back(
        prediction::cross_validate(grid, task, arguments.throughput_task, models));
  };
  if (arguments.task) {
    validate(*arguments.task);
  } else {
    for (const prediction::TaskGrid& task : grid.tasks()) validate(task.name);
  }
  print(validations, arguments.json);
}

/// All but what depends on the grid.
prediction::RecommendationOptions recommendation_options(const PredictArguments& arguments) {
  prediction::RecommendationOptions options;
  options.throughput_task = arguments.throughput_task;
  options.min_accuracy = arguments.min_accuracy;
  options.max_loss = arguments.max_loss;
  options.top = arguments.top;
  options.allow_extrapolation = arguments.allow_extrapolation;
  prediction::check_options(options);
  return options;
}

void recommend(const PredictArguments& arguments, const prediction::ModelFactory& models) {
  prediction::RecommendationOptions options = recommendation_options(arguments);
  const prediction::Grid grid = prediction::read_grid(arguments.grid);
  options.task = grid.task_or_only(arguments.task).name;
  if (arguments.candidates) {
    options.candidates = prediction::read_candidates(*arguments.candidates, options.task);
  }
  print(prediction::recommend(grid, options, models), arguments.json);
}

void predict(const PredictArguments& arguments) {
  const auto models =
      prediction::plugin_models(arguments.model, split_parameters(arguments.parameters));
  if (arguments.cross_validate) {
    cross_validate(arguments, models);
  } else {
    recommend(arguments, models);
  }
}

}  // namespace

void add_predict(CLI::App& app) {
  const auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = app.add_subcommand(
      "predict", "Recommends configurations for an accuracy budget, from a measured grid");
  command->footer(kPredictFooter);
  command->add_option("grid", arguments->grid, "Measured configurations (CSV)")
      ->required()
      ->type_name("GRID.csv");
  command->add_option("--task", arguments->task, "Task of the grid; needed if it has several");
  command->add_option("--throughput-task", arguments->throughput_task,
                      "Task whose throughput stands for that of all tasks");
  auto* min_accuracy =
      command->add_option("--min-accuracy", arguments->min_accuracy, "Least accuracy, in [0, 1]");
  auto* max_loss = command->add_option(
      "--max-loss", arguments->max_loss,
      "Largest loss of accuracy against instances 1, sparsity 0; 0.01 is one point");
  min_accuracy->excludes(max_loss);
  command->add_option("--top", arguments->top, "How many configurations to recommend")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command->add_option("--model", arguments->model, "Performance model (a plugin's method)")
      ->capture_default_str();
  command
      ->add_option("--parameter", arguments->parameters,
                   "A parameter of the performance model; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  auto* candidates = command->add_option(
      "--candidates", arguments->candidates,
      "CSV with columns instances, sparsity: what to choose from instead of the grid's cells");
  candidates->type_name("FILE.csv");
  auto* extrapolation = command->add_flag("--allow-extrapolation", arguments->allow_extrapolation,
                                          "Also recommend what lies outside of the measurements");
  auto* validation = command->add_flag("--cross-validate", arguments->cross_validate,
                                       "Instead: how well the model predicts each task's cells");
  for (CLI::Option* option : {min_accuracy, max_loss, candidates, extrapolation}) {
    validation->excludes(option);
  }
  command->add_flag("--json", arguments->json, "JSON on a terminal, too");
  command->callback([arguments] { predict(*arguments); });
}

}  // namespace prumux::cli

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <memory>
#include <optional>
#include <string>

#include "core/cli/commands.h"
#include "core/cli/engine_options.h"
#include "core/cli/print_json.h"
#include "core/cli/row_length.h"
#include "core/runtime/evaluate.h"
#include "core/text/dataset.h"
#include "core/text/tokenizer.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct EvaluateOptions {
  std::string model;
  std::string task;
  std::string data;
  std::optional<std::size_t> max_length;
  std::int64_t groupings = runtime::kUsualGroupings;
  EngineArguments engine;
};

const text::Task& task_of(const EvaluateOptions& options, const model::Model& model) {
  if (!options.task.empty()) return text::find_task(options.task);
  const std::string& name = model.config().finetuning_task;
  if (const text::Task* task = text::known_task(name)) return *task;
  throw ConfigError(fmt::format(
      "the model in '{}' {}; name one with --task, of {}", options.model,
      name.empty() ? "does not say what task it was finetuned for"
                   : fmt::format("was finetuned for '{}', which is no task of prumux", name),
      fmt::join(text::task_names(), ", ")));
}

void run(const EvaluateOptions& options) {
  runtime::EngineOptions engine = options.engine.resolve();
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  const text::Task& task = task_of(options, *model);
  const text::Tokenizer tokenizer = text::Tokenizer::load(options.model);
  text::DatasetOptions dataset_options;
  dataset_options.max_length = row_length("--max-length", options.max_length, *model);
  dataset_options.model_labels = model->config().label_names;
  const text::Dataset dataset = text::Dataset::open(task, options.data, tokenizer, dataset_options);
  engine.attended_length = dataset_options.max_length;
  const runtime::EvaluationResult result = runtime::evaluate(
      model, engine, task, dataset, runtime::groupings_of(*model, engine, options.groupings));

  nlohmann::json json = result.scores;
  json["task"] = task.name;
  json["examples"] = result.examples;
  if (result.groupings > 1) {
    json["groupings"] = result.groupings;
    json["deviation"] = result.deviation;
  }
  json["examples_per_second"] = result.examples_per_second();
  print_json(json);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", "Score a model on labelled data (JSON)");
  command->add_option("model", options->model, "Model folder")->required();
  command->add_option("--task", options->task,
                      "Task, e.g. sst2 (default: what the model was finetuned for)");
  command
      ->add_option("--data", options->data, "TSV or JSONL file with labels; CoNLL for ner and pos")
      ->required();
  add_max_length(*command, options->max_length);
  command
      ->add_option("--groupings", options->groupings,
                   "Ways to group the inputs of a multiplexed model; the scores are their mean. "
                   "1: the way in which training chose the model")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000))
      ->type_name("K");
  options->engine.add_to(*command);
  command->footer("Example: prumux evaluate runs/sst2/model --data sst2/dev.tsv");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

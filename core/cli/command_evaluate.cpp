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

namespace prumux::cli {
namespace {

struct EvaluateOptions {
  std::string model;
  std::string task;
  std::string data;
  std::optional<std::size_t> max_length;
  EngineArguments engine;
};

void run(const EvaluateOptions& options) {
  runtime::EngineOptions engine = options.engine.resolve();
  const text::Task& task = text::find_task(options.task);
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  const text::Tokenizer tokenizer = text::Tokenizer::load(options.model);
  text::DatasetOptions dataset_options;
  dataset_options.max_length = row_length("--max-length", options.max_length, *model);
  dataset_options.model_labels = model->config().label_names;
  const text::Dataset dataset = text::Dataset::open(task, options.data, tokenizer, dataset_options);
  engine.attended_length = dataset_options.max_length;
  const runtime::EvaluationResult result = runtime::evaluate(model, engine, task, dataset);

  nlohmann::json json = result.scores;
  json["task"] = task.name;
  json["examples"] = result.examples;
  json["examples_per_second"] = result.examples_per_second();
  print_json(json);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", "Score a model on labelled data (JSON)");
  command->add_option("model", options->model, "Model folder")->required();
  command->add_option("--task", options->task, "Task, e.g. sst2")->required();
  command
      ->add_option("--data", options->data, "TSV or JSONL file with labels; CoNLL for ner and pos")
      ->required();
  add_max_length(*command, options->max_length);
  options->engine.add_to(*command);
  command->footer("Example: prumux evaluate runs/sst2/model --task sst2 --data sst2/dev.tsv");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli

#include "core/pipeline/stages/measuring.h"

#include <spdlog/fmt/fmt.h>

#include "core/io/machine.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/models.h"
#include "core/pipeline/stages/plugin_metrics.h"
#include "core/runtime/benchmark.h"
#include "core/runtime/evaluate.h"

namespace prumux::pipeline {

using config::Field;
using config::Type;

namespace {

/// Without the machine a throughput says nothing.
nlohmann::json machine_facts() {
  const io::Machine machine = io::this_machine();
  return {{"processor", machine.processor},
          {"cores", machine.cores},
          {"memory_gib", static_cast<double>(machine.memory) / (1 << 30)},
          {"system", machine.system}};
}

void check_engine(const StageRequest& request, config::Problems& problems) {
  const config::Value& ensemble = request.settings.at("ensemble");
  if (!request.settings.at("isolate").boolean() || ensemble.integer() == 1) return;
  problems.add(
      ensemble.place,
      fmt::format("stages.{0}.ensemble '{1}' with stages.{0}.isolate - expected one of the "
                  "two: an isolated text shares its groups with no other",
                  request.settings.at("id").string(), ensemble.text));
}

}  // namespace

std::vector<Field> engine_fields() {
  return {{.name = "groups",
           .type = Type::integer,
           .default_value = "32",
           .minimum = 1,
           .maximum = 1e6,
           .unit = "groups",
           .help = "groups of a batch; a group has as many texts as the model has instances"},
          {.name = "precision",
           .default_value = "float32",
           .choices = runtime::precision_names(),
           .help = "number format of the forward pass"},
          {.name = "isolate",
           .type = Type::boolean,
           .default_value = "false",
           .help = "results that depend on no other text: each fills a group of its own"},
          {.name = "ensemble",
           .type = Type::integer,
           .default_value = "1",
           .minimum = 1,
           .maximum = 1000,
           .unit = "groups",
           .help = "groups in which each text occurs; its result is their mean"}};
}

runtime::EngineOptions engine_options(const StageJob& job) {
  runtime::EngineOptions options;
  options.groups_per_batch = job.settings.at("groups").integer();
  options.precision = runtime::precision_of(job.settings.at("precision").string());
  options.isolate = job.settings.at("isolate").boolean();
  options.ensemble = job.settings.at("ensemble").integer();
  options.attended_length = max_length_of(job.pipeline);
  return options;
}

std::vector<Field> EvaluateStage::fields() const {
  std::vector<Field> fields = engine_fields();
  fields.push_back({.name = "groupings",
                    .type = Type::integer,
                    .default_value = std::to_string(runtime::kUsualGroupings),
                    .minimum = 1,
                    .maximum = 1000,
                    .help = "ways to group the texts of a multiplexed model; the scores are their "
                            "mean. 1: the way in which training chose the model"});
  fields.push_back(metrics_field());
  return fields;
}

std::vector<InputPort> EvaluateStage::input_ports() const {
  return {{"from", true, "stage whose model is scored"}};
}

void EvaluateStage::plan(const StageRequest& request, Record& record,
                         config::Problems& problems) const {
  check_engine(request, problems);
  add_start_model(record, request, problems);
  add_task_data(record, request.pipeline, {"dev"}, problems);
  if (request.pipeline.at("data").has("task")) {
    add_metrics(record, request.settings, task_of(request.pipeline), problems);
  }
}

void EvaluateStage::check(const StageRequest& request) const {
  open_task_data(request.pipeline, "dev", *start_tokenizer(request.pipeline));
}

nlohmann::json EvaluateStage::run(const StageJob& job) const {
  const TokenModel start = start_model(job);
  const text::Dataset dataset =
      open_task_data(job.pipeline, "dev", *start.tokenizer, start.model->config().label_names);
  const text::Task& task = task_of(job.pipeline);
  const runtime::EngineOptions options = engine_options(job);
  const std::vector<std::int64_t> groupings =
      runtime::groupings_of(*start.model, options, job.settings.at("groupings").integer());
  const runtime::EvaluationResult result =
      runtime::evaluate(start.model, options, task, dataset, groupings);
  text::Scores scores = result.scores;
  scores.merge(plugin_scores(job.settings, task, start.model, options, dataset, groupings));
  nlohmann::json numbers = {{"accuracy", result.main_score},
                            {"scores", scores},
                            {"examples", result.examples},
                            {"timing", {{"examples_per_second", result.examples_per_second()}}}};
  if (result.groupings > 1) {
    numbers["groupings"] = result.groupings;
    numbers["deviation"] = result.deviation;
  }
  return numbers;
}

std::vector<Field> BenchmarkStage::fields() const {
  std::vector<Field> fields = engine_fields();
  fields.push_back({.name = "length",
                    .type = Type::integer,
                    .minimum = 1,
                    .maximum = 65536,
                    .unit = "tokens",
                    .help = "of every text; by default the lengths of the held-out texts"});
  fields.push_back({.name = "rounds",
                    .type = Type::integer,
                    .default_value = "11",
                    .minimum = 1,
                    .maximum = 1e6,
                    .help = "timed passes, of which the median counts"});
  fields.push_back({.name = "minimum_seconds",
                    .type = Type::real,
                    .default_value = "0.5",
                    .minimum = 0,
                    .maximum = 3600,
                    .unit = "seconds",
                    .help = "a round takes at least this long"});
  return fields;
}

std::vector<InputPort> BenchmarkStage::input_ports() const {
  return {{"from", true, "stage whose model is timed"}};
}

void BenchmarkStage::plan(const StageRequest& request, Record& record,
                          config::Problems& problems) const {
  check_engine(request, problems);
  add_start_model(record, request, problems);
  if (const config::Value* length = request.settings.find("length")) {
    check_length(fmt::format("stages.{}.length", request.settings.at("id").string()), *length,
                 request.pipeline, problems);
  } else {
    add_task_data(record, request.pipeline, {"dev"}, problems);
  }
}

void BenchmarkStage::check(const StageRequest& request) const {
  if (request.settings.has("length")) return;
  open_task_data(request.pipeline, "dev", *start_tokenizer(request.pipeline));
}

nlohmann::json BenchmarkStage::run(const StageJob& job) const {
  const TokenModel start = start_model(job);
  runtime::BenchmarkOptions options;
  options.rounds = job.settings.at("rounds").integer();
  options.minimum_seconds = job.settings.at("minimum_seconds").real();
  options.seed = static_cast<std::uint64_t>(job.pipeline.at("seed").integer());
  if (const config::Value* length = job.settings.find("length")) {
    options.lengths = {static_cast<std::uint32_t>(length->integer())};
  } else {
    options.lengths = open_task_data(job.pipeline, "dev", *start.tokenizer).lengths();
  }
  const runtime::Engine engine(start.model, engine_options(job));
  nlohmann::json numbers = runtime::benchmark(engine, options);
  numbers["throughput"] = numbers.at("examples_per_second").at("median");
  numbers["machine"] = machine_facts();
  return numbers;
}

}  // namespace prumux::pipeline

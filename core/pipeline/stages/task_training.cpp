#include "core/pipeline/stages/task_training.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include "core/pipeline/stages/continuation.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/methods.h"
#include "core/pipeline/stages/models.h"
#include "core/pipeline/stages/teachers.h"
#include "core/pipeline/stages/training_settings.h"
#include "core/text/labels.h"
#include "core/train/checkpoint.h"
#include "core/train/compression_objective.h"
#include "core/train/evaluation.h"
#include "core/train/sources.h"
#include "core/train/task_objective.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using config::Field;
using config::Type;
using config::Value;

constexpr const char* kSweep = "sweep";
constexpr const char* kSweepSteps = "sweep_steps";

/// The section must be there.
const plugin::Method& compressor_method(const Value& settings) {
  const std::string& name = settings.at("compressor").at("method").string();
  return plugin::Registry::instance().find(PRUMUX_COMPRESSOR, name);
}

std::shared_ptr<Compressor> make_compressor(const Value& settings) {
  const Value* section = settings.find("compressor");
  if (section == nullptr) return nullptr;
  const plugin::Method& method = compressor_method(settings);
  return plugin::Registry::instance().make_compressor(
      method.descriptor->name, {parameters_of(method, section->at("params"))});
}

/// The head of a plugin that the stage asks for.
std::optional<model::HeadMethod> wanted_head(const Value& settings) {
  const Value* section = settings.find("head");
  if (section == nullptr) return std::nullopt;
  const std::string& name = section->at("method").string();
  const plugin::Method& method = plugin::Registry::instance().find(PRUMUX_HEAD, name);
  return model::HeadMethod{name, parameters_of(method, section->at("params"))};
}

struct TaskData {
  text::Dataset training;
  text::Dataset held_out;
};

TaskData open_data(const StageJob& job, const text::Tokenizer& tokenizer,
                   const std::vector<std::string>& model_labels) {
  return {open_task_data(job.pipeline, "train", tokenizer, model_labels),
          open_task_data(job.pipeline, "dev", tokenizer, model_labels)};
}

/// Keeps a head that fits the task, with its order of the classes, unless another one is wanted.
/// Returns the task's data in the order of the head that there is then.
TaskData fit_head(model::Model& model, const text::Tokenizer& tokenizer, const StageJob& job) {
  TaskData data = open_data(job, tokenizer, {});
  model.set_finetuning_task(task_of(job.pipeline).name);
  const std::optional<model::HeadMethod> wanted = wanted_head(job.settings);
  const auto count = static_cast<std::int64_t>(data.training.label_count());
  const auto kind =
      data.training.labels_words() ? model::HeadKind::token : model::HeadKind::sequence;
  const model::ModelConfig& config = model.config();
  const std::vector<std::string> names = data.training.label_names();
  if (config.head != kind || config.num_labels != count ||
      !text::labels_fit(config.label_names, names) || (wanted && wanted != config.head_method)) {
    model.reset_classifier(count, names, kind, wanted);
    return data;
  }
  if (config.label_names == names) return data;
  if (!config.label_names.empty()) data = open_data(job, tokenizer, config.label_names);
  model.rename_labels(data.training.label_names());
  return data;
}

void plan_head(const StageRequest& request, Record& record, config::Problems& problems) {
  const Value* section = request.settings.find("head");
  if (section == nullptr) return;
  const Value& name = section->at("method");
  const plugin::Method* method = find_method(PRUMUX_HEAD, name, problems);
  if (method == nullptr) return;
  add_method(record, "head", *method);
  const text::Task& task = task_of(request.pipeline);
  if (!task.labels_words) return;
  problems.add(name.place, fmt::format("stages.{}.head '{}' - expected none: task {} labels words, "
                                       "and heads of plugins are for whole texts",
                                       request.settings.at("id").string(), name.text, task.name));
}

/// `before`: what the sweep has reached; null without one.
std::unique_ptr<train::Objective> make_objective(const std::shared_ptr<model::Model>& model,
                                                 const std::shared_ptr<Compressor>& compressor,
                                                 const StageJob& job, const Continuation* before) {
  const train::Precision precision = precision_of(job.settings);
  if (compressor == nullptr) return std::make_unique<train::TaskObjective>(model, precision);
  const std::shared_ptr<model::Model> teacher = input_model(job, "teacher");
  auto objective =
      std::make_unique<train::CompressionObjective>(model, compressor, teacher, precision);
  if (compressor->needs_teacher()) {
    objective->set_teacher_forward(teacher_forward(teacher, precision));
  }
  const std::uint32_t capabilities = compressor_method(job.settings).descriptor->capabilities;
  if ((capabilities & PRUMUX_ZERO_MASKS_ARE_CONSTANT) != 0) objective->leave_out_zero_masks();
  if (before != nullptr) objective->continue_from(before->compressor);
  return objective;
}

/// Present in every cell of a sweep but the one with the lowest target.
std::optional<Continuation> continuation_of(const StageJob& job) {
  const auto lower = job.inputs.find(kSweep);
  return lower == job.inputs.end() ? std::nullopt
                                   : std::optional(Continuation::load(lower->second));
}

/// Of the model that the training ends with.
nlohmann::json numbers_of(const train::TrainingResult& result, bool keeps_best) {
  nlohmann::json numbers = {{"steps", result.steps}};
  const bool is_best = keeps_best && result.best;
  if (const auto& evaluation = is_best ? result.best : result.last) {
    numbers["accuracy"] = evaluation->score;
    numbers["scores"] = evaluation->metrics;
  }
  if (is_best && result.best_step) numbers["best_step"] = *result.best_step;
  return numbers;
}

}  // namespace

std::string TaskTrainingStage::help() const {
  return purpose_ == Purpose::prune
             ? "train under a compressor, then make the model physically smaller"
             : "train on labelled texts, with a compressor also under distillation";
}

std::vector<Field> TaskTrainingStage::fields() const {
  Field compressor =
      method_field("compressor", PRUMUX_COMPRESSOR, "method that compresses or distils");
  compressor.required = purpose_ == Purpose::prune;
  std::vector<Field> fields = {std::move(compressor),
                               method_field("head", PRUMUX_HEAD,
                                            "what the model is to end in, of a plugin, in place of "
                                            "the encoder's usual classifier"),
                               {.name = "keep_best",
                                .type = Type::boolean,
                                .default_value = "true",
                                .help = "end with the best model of all evaluations, not the last"},
                               {.name = "patience",
                                .type = Type::integer,
                                .default_value = "0",
                                .minimum = 0,
                                .maximum = 1e9,
                                .unit = "evaluations",
                                .help = "without a new best before training stops; 0: never"}};
  if (purpose_ == Purpose::prune) {
    fields.push_back({.name = kSweepSteps,
                      .type = Type::integer,
                      .default_value = "0",
                      .minimum = 0,
                      .maximum = 1e12,
                      .unit = "optimiser steps",
                      .help = "of a sweep, for each target after the lowest; 0: as for that one"});
  }
  for (Field& field : training_fields()) fields.push_back(std::move(field));
  return fields;
}

std::vector<InputPort> TaskTrainingStage::input_ports() const {
  std::vector<InputPort> ports = {
      {"from", true, "stage whose model is trained"},
      {"teacher", false, "stage whose model the compressor learns from"}};
  if (purpose_ == Purpose::prune) {
    ports.push_back({.name = kSweep,
                     .help = "grid variable: go on from the result for its next lower value "
                             "instead of starting anew",
                     .along_grid = true});
  }
  return ports;
}

void TaskTrainingStage::resolve(Value& settings) const { resolve_training_settings(settings); }

std::vector<std::string> TaskTrainingStage::irrelevant_settings() const {
  std::vector<std::string> names = irrelevant_training_settings();
  // Not for the lowest target; `plan` adds them for the others.
  names.emplace_back(kSweepSteps);
  return names;
}

void TaskTrainingStage::plan(const StageRequest& request, Record& record,
                             config::Problems& problems) const {
  add_start_model(record, request, problems);
  add_task_data(record, request.pipeline, {"train", "dev"}, problems);
  if (request.settings.has(kSweep)) record.add("leaves", "what a sweep goes on from");
  if (request.inputs.contains(kSweep)) {
    record.add(kSweepSteps, request.settings.at(kSweepSteps));
  }
  plan_head(request, record, problems);
  const Value* compressor = request.settings.find("compressor");
  const std::string& id = request.settings.at("id").string();
  if (compressor == nullptr) {
    if (const Value* teacher = request.settings.find("teacher")) {
      problems.add(teacher->place,
                   fmt::format("stages.{}.teacher '{}' without a compressor - expected a "
                               "'compressor' that learns from it",
                               id, teacher->text));
    }
    return;
  }
  const Value& name = compressor->at("method");
  const plugin::Method* method = find_method(PRUMUX_COMPRESSOR, name, problems);
  if (method == nullptr) return;
  add_method(record, "compressor", *method);
  try {
    const bool needs_teacher = make_compressor(request.settings)->needs_teacher();
    if (needs_teacher && !request.inputs.contains("teacher")) {
      problems.add(name.place,
                   fmt::format("stages.{}.compressor.method '{}' learns from a teacher - expected "
                               "'teacher: ID' of an earlier stage",
                               id, name.text));
    }
  } catch (const Error& problem) {
    problems.add(compressor->place, problem.what());
  }
}

void TaskTrainingStage::check(const StageRequest& request) const {
  const auto tokenizer = start_tokenizer(request.pipeline);
  check_step_size(request, "train", open_task_data(request.pipeline, "train", *tokenizer).size());
  open_task_data(request.pipeline, "dev", *tokenizer);
}

nlohmann::json TaskTrainingStage::run(const StageJob& job) const {
  train::TrainingOptions options = training_options(job);
  options.evaluation.keep_best = job.settings.at("keep_best").boolean();
  options.evaluation.patience = job.settings.at("patience").integer();
  torch::manual_seed(options.seed);
  const std::optional<Continuation> before = continuation_of(job);
  if (before && job.settings.at(kSweepSteps).integer() > 0) {
    options.max_steps = job.settings.at(kSweepSteps).integer();
  }
  const TokenModel start = before ? before->model : start_model(job);
  const TaskData data = fit_head(*start.model, *start.tokenizer, job);

  const std::shared_ptr<Compressor> compressor = make_compressor(job.settings);
  const auto objective = make_objective(start.model, compressor, job, before ? &*before : nullptr);
  train::TaskSource source(data.training, training_order(job, start.model->num_instances()));
  const train::Evaluator evaluator =
      train::task_evaluator(start.model, task_of(job.pipeline), data.held_out,
                            job.settings.at("groups").integer(), options.precision, compressor);
  const train::TrainingResult result = train::train(options, *objective, source, evaluator);

  nlohmann::json numbers = numbers_of(result, options.evaluation.keep_best);
  if (compressor != nullptr) {
    if (options.evaluation.keep_best && !result.best) {
      spdlog::warn(
          "[{}] no evaluation met the compressor's target; the last model is kept. Train "
          "longer, or evaluate more often",
          job.id);
    }
    const PrunePlan plan = compressor->finish();
    if (job.settings.has(kSweep)) Continuation{start, compressor->state()}.save(job.folder);
    start.model->prune(plan);
    start.model->factorise(compressor->ranks());
    numbers["compressor"] = compressor->metrics();
  }
  if (start.model->physically_pruned()) numbers["sparsity"] = sparsity_of(*start.model);
  numbers["parameters"] = start.model->parameter_count();
  save(start, job.folder);
  return numbers;
}

std::optional<std::int64_t> TaskTrainingStage::partial_step(
    const std::filesystem::path& folder) const {
  return train::newest_checkpoint_step(folder);
}

}  // namespace prumux::pipeline

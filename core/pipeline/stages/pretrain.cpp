#include "core/pipeline/stages/pretrain.h"

#include <spdlog/fmt/fmt.h>
#include <torch/utils.h>

#include "core/pipeline/stage_table.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/models.h"
#include "core/pipeline/stages/teachers.h"
#include "core/pipeline/stages/training_settings.h"
#include "core/train/checkpoint.h"
#include "core/train/evaluation.h"
#include "core/train/imitation_objective.h"
#include "core/train/pretraining_objective.h"
#include "core/train/sources.h"

namespace prumux::pipeline {
namespace {

using config::Field;
using config::Type;
using config::Value;

constexpr std::int64_t kEvaluationBatches = 50;
constexpr const char* kImitation = "imitation";
constexpr const char* kTeacherMemory = "teacher_memory";

Field share_of_tokens(const char* name, const char* default_value, const char* help) {
  return {.name = name,
          .type = Type::real,
          .default_value = default_value,
          .minimum = 0,
          .maximum = 1,
          .help = help};
}

text::CorpusOptions corpus_options(const Value& settings, const Value& pipeline) {
  text::CorpusOptions options;
  options.chunk_length = max_length_of(pipeline);
  options.line_per_chunk = settings.at("line_per_chunk").boolean();
  options.cache_folder = cache_folder_of(pipeline);
  if (pipeline.at("data").has("task")) options.task = &task_of(pipeline);
  return options;
}

train::PretrainingOptions pretraining_options(const Value& settings) {
  const std::string& objective = settings.at("objective").string();
  train::PretrainingOptions options;
  options.retrieval_percentage = settings.at("retrieval_share").real();
  // Alone, a loss has nothing to be weighed against (spec section 10: 1 and 0).
  options.retrieval_coefficient = objective == "retrieval" ? 1.0 : 0.0;
  options.masked_lm_coefficient = objective == "masked_lm" ? 1.0 : 0.0;
  if (objective == "both") {
    options.retrieval_coefficient = settings.at("retrieval_coefficient").real();
    options.masked_lm_coefficient = settings.at("masked_lm_coefficient").real();
  }
  return options;
}

/// In bytes. Texts that are masked anew each time do not come again.
std::size_t teacher_memory_of(const Value& settings) {
  constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
  if (settings.at("masking_share").real() > 0.0) return 0;
  return static_cast<std::size_t>(settings.at(kTeacherMemory).real() * kGibibyte);
}

std::unique_ptr<train::Objective> make_objective(const StageJob& job,
                                                 const std::shared_ptr<model::Model>& model) {
  const train::Precision precision = precision_of(job.settings);
  if (job.settings.at("objective").string() != kImitation) {
    return std::make_unique<train::PretrainingObjective>(model, pretraining_options(job.settings),
                                                         precision);
  }
  std::shared_ptr<model::Model> teacher = input_model(job, "teacher");
  if (teacher == nullptr) teacher = model::load_model(job.pipeline.at("model").at("from").path());
  return std::make_unique<train::ImitationObjective>(
      model, imitated(teacher, precision, teacher_memory_of(job.settings)), precision);
}

void add_corpus(Record& record, const StageRequest& request, const std::string& name,
                config::Problems& problems) {
  const Value& pipeline = request.pipeline;
  const std::vector<std::filesystem::path> files = corpus_files(pipeline, name);
  const Value* task = pipeline.at("data").find("task");
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (task != nullptr && text::holds_examples(files[i], task_of(pipeline))) {
      record.add("data.task", *task);
    }
    add_text_file(record, fmt::format("data.{}.{}", name, i), files[i],
                  pipeline.at("data").at(name).items[i].place, problems);
  }
}

/// What is imitated must not be multiplexed.
void check_imitated(const StageRequest& request, config::Problems& problems) {
  const auto teacher = request.inputs.find("teacher");
  if (teacher == request.inputs.end() || teacher->second.instances == 1) return;
  const Value* named = request.settings.find("teacher");
  problems.add((named != nullptr ? *named : request.settings).place,
               fmt::format("stages.{}.teacher '{}' is multiplexed - expected a stage with "
                           "'instances: 1'",
                           request.settings.at("id").string(), teacher->second.id));
}

std::shared_ptr<train::CorpusSource> open_corpus(
    const StageJob& job, const std::string& name,
    const std::shared_ptr<const text::Tokenizer>& tokenizer, std::int64_t instances) {
  text::MaskingOptions masking;
  masking.probability = job.settings.at("masking_share").real();
  text::Corpus corpus = text::Corpus::open(corpus_files(job.pipeline, name), *tokenizer,
                                           corpus_options(job.settings, job.pipeline));
  return std::make_shared<train::CorpusSource>(std::move(corpus), tokenizer, masking,
                                               training_order(job, instances));
}

}  // namespace

std::vector<Field> PretrainStage::fields() const {
  std::vector<Field> fields = {
      {.name = "objective",
       .default_value = "both",
       .choices = {"retrieval", "masked_lm", "both", kImitation},
       .help = "what is learnt from the text; imitation: the token features of a teacher that is "
               "not multiplexed"},
      {.name = "retrieval_coefficient",
       .type = Type::real,
       .default_value = "0.1",
       .minimum = 1e-6,
       .maximum = 1e3,
       .help = "weight of token retrieval in the loss"},
      {.name = "masked_lm_coefficient",
       .type = Type::real,
       .default_value = "0.9",
       .minimum = 1e-6,
       .maximum = 1e3,
       .help = "weight of masked language modelling in the loss"},
      share_of_tokens("retrieval_share", "1", "share of the tokens that are retrieved"),
      share_of_tokens("masking_share", "0.15", "share of the tokens that are masked"),
      {.name = "line_per_chunk",
       .type = Type::boolean,
       .default_value = "false",
       .help = "each line, and each example of a TSV or JSON lines file, is a sequence of its own; "
               "otherwise sequences are full"},
      {.name = kTeacherMemory,
       .type = Type::real,
       .default_value = "4",
       .minimum = 0,
       .maximum = 1e6,
       .unit = "GiB",
       .help = "at most for what is imitated, so that a text that comes again need not pass the "
               "teacher again; it does when texts are masked"}};
  for (Field& field : training_fields()) fields.push_back(std::move(field));
  return fields;
}

std::vector<InputPort> PretrainStage::input_ports() const {
  return {{"from", true, "stage whose model is trained"},
          {"teacher", false, "stage whose model is imitated; otherwise it is that of model.from"}};
}

std::vector<std::string> PretrainStage::irrelevant_settings() const {
  std::vector<std::string> names = irrelevant_training_settings();
  names.emplace_back(kTeacherMemory);
  return names;
}

void PretrainStage::resolve(Value& settings) const { resolve_training_settings(settings); }

void PretrainStage::plan(const StageRequest& request, Record& record,
                         config::Problems& problems) const {
  add_start_model(record, request, problems);
  const Value& data = request.pipeline.at("data");
  record.add("data.max_length", data.at("max_length"));
  add_reading(record);
  if (corpus_files(request.pipeline, "corpus").empty()) {
    problems.add(request.settings.place,
                 "pretrain needs 'data.corpus' - expected a list of files "
                 "with plain text");
  }
  add_corpus(record, request, "corpus", problems);
  add_corpus(record, request, "held_out_corpus", problems);
  const Value& objective = request.settings.at("objective");
  const bool imitates_model_from =
      objective.string() == kImitation && !request.inputs.contains("teacher");
  if (imitates_model_from && request.pipeline.at("model").has("from")) {
    // What the stage starts from has it already, unless that is another stage's.
    if (request.inputs.contains("from")) add_stored_model(record, request.pipeline, problems);
  } else if (imitates_model_from) {
    problems.add(
        objective.place,
        fmt::format("stages.{}.objective 'imitation' without a model to imitate - expected "
                    "'teacher: ID' of an earlier stage of one instance, or model.from",
                    request.settings.at("id").string()));
  }
  if (objective.string() == kImitation) check_imitated(request, problems);
  if (instances_of(request.pipeline) == 1 && objective.string() != "masked_lm") {
    problems.add(objective.place,
                 fmt::format("stages.{}.objective '{}' with multiplexer.instances 1 - expected "
                             "masked_lm: there is nothing to retrieve from one instance; skip the "
                             "stage with skip_if",
                             request.settings.at("id").string(), objective.string()));
  }
}

void PretrainStage::check(const StageRequest& request) const {
  const auto tokenizer = start_tokenizer(request.pipeline);
  const auto rows_of = [&](const char* name) {
    return text::Corpus::open(corpus_files(request.pipeline, name), *tokenizer,
                              corpus_options(request.settings, request.pipeline))
        .size();
  };
  check_step_size(request, "corpus", rows_of("corpus"));
  if (corpus_files(request.pipeline, "held_out_corpus").empty()) return;
  check_batch_size(request, "held_out_corpus", rows_of("held_out_corpus"));
}

nlohmann::json PretrainStage::run(const StageJob& job) const {
  train::TrainingOptions options = training_options(job);
  torch::manual_seed(options.seed);
  const TokenModel start = start_model(job);
  const std::int64_t instances = start.model->num_instances();
  const auto objective = make_objective(job, start.model);
  const auto source = open_corpus(job, "corpus", start.tokenizer, instances);
  train::Evaluator evaluator;
  options.evaluation.keep_best = false;
  options.evaluation.higher_is_better = false;
  if (!corpus_files(job.pipeline, "held_out_corpus").empty()) {
    evaluator = train::loss_evaluator(
        *objective, open_corpus(job, "held_out_corpus", start.tokenizer, instances),
        kEvaluationBatches);
  }
  const train::TrainingResult result = train::train(options, *objective, *source, evaluator);
  save(start, job.folder);
  nlohmann::json numbers = {{"steps", result.steps}};
  if (result.last) numbers["held_out"] = result.last->metrics;
  return numbers;
}

std::optional<std::int64_t> PretrainStage::partial_step(const std::filesystem::path& folder) const {
  return train::newest_checkpoint_step(folder);
}

}  // namespace prumux::pipeline

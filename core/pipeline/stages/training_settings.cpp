#include "core/pipeline/stages/training_settings.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <cmath>

#include "core/config/problems.h"
#include "core/io/machine.h"
#include "core/pipeline/stages/models.h"

namespace prumux::pipeline {
namespace {

using config::Field;
using config::Type;
using config::Value;

constexpr const char* kFloat32 = "float32";
constexpr const char* kBfloat16 = "bfloat16";
constexpr const char* kFastest = "fastest";

Field count(const char* name, const char* default_value, double minimum, const char* unit,
            const char* help) {
  return {.name = name,
          .type = Type::integer,
          .default_value = default_value,
          .minimum = minimum,
          .maximum = 1e12,
          .unit = unit,
          .help = help};
}

Field number(const char* name, const char* default_value, double maximum, const char* help) {
  return {.name = name,
          .type = Type::real,
          .default_value = default_value,
          .minimum = 0,
          .maximum = maximum,
          .help = help};
}

train::ScheduleKind schedule_kind(const std::string& name) {
  if (name == "constant") return train::ScheduleKind::constant;
  if (name == "cosine") return train::ScheduleKind::cosine;
  return train::ScheduleKind::linear;
}

}  // namespace

std::vector<Field> training_fields() {
  return {
      count("steps", "0", 0, "optimiser steps", "how long to train; 0: as 'epochs' says"),
      number("epochs", "3", 1e6, "passes over the data when 'steps' is 0"),
      count("groups", "32", 1, "groups",
            "groups of a batch; a group has as many texts as the model has instances"),
      count("accumulation", "1", 1, "batches", "batches of one optimiser step"),
      {.name = "bucket_by_length",
       .type = Type::boolean,
       .default_value = "false",
       .help = "batches of texts of similar length: faster, slightly less random"},
      number("learning_rate", "5e-5", 10, "of AdamW, at its highest"),
      number("weight_decay", "0", 10, "decoupled weight decay"),
      number("max_gradient_norm", "1", 1e6, "longer gradients are scaled down; 0: never"),
      {.name = "schedule",
       .default_value = "linear",
       .choices = {"linear", "constant", "cosine"},
       .help = "how the learning rate falls"},
      count("warmup_steps", "0", 0, "optimiser steps", "over which the learning rate rises"),
      number("warmup_ratio", "0", 1, "share of the steps over which the learning rate rises"),
      {.name = "precision",
       .default_value = kFloat32,
       .choices = {kFloat32, kBfloat16, kFastest},
       .help = "number format of the forward and backward pass; fastest: bfloat16 where the "
               "processor multiplies it faster, float32 elsewhere"},
      count("evaluate_every", "0", 0, "optimiser steps", "0: at the end of each epoch"),
      count("checkpoint_every", "0", 0, "optimiser steps", "0: only as 'checkpoint_minutes' says"),
      number("checkpoint_minutes", "5", 1e6, "minutes between checkpoints; 0: none by time"),
      count("log_every", "10", 1, "optimiser steps", "between lines of metrics.jsonl"),
      {.name = "tensorboard",
       .type = Type::boolean,
       .default_value = "false",
       .help = "also write TensorBoard event files"},
  };
}

std::vector<std::string> irrelevant_training_settings() {
  return {"checkpoint_every", "checkpoint_minutes", "log_every", "tensorboard"};
}

void resolve_training_settings(Value& settings) {
  Value* const precision = settings.find("precision");
  if (precision == nullptr || precision->text != kFastest) return;
  precision->text = io::bfloat16_is_faster() ? kBfloat16 : kFloat32;
}

train::Precision precision_of(const Value& settings) {
  return settings.at("precision").string() == kBfloat16 ? train::Precision::bfloat16
                                                        : train::Precision::float32;
}

train::TrainingOptions training_options(const StageJob& job) {
  const Value& settings = job.settings;
  train::TrainingOptions options;
  options.name = job.id + (job.cell.empty() ? "" : " " + job.cell);
  options.directory = job.folder;
  options.fingerprint = job.key;
  options.epochs = settings.at("epochs").real();
  options.max_steps = settings.at("steps").integer();
  options.accumulation_steps = settings.at("accumulation").integer();
  options.seed = static_cast<std::uint64_t>(job.pipeline.at("seed").integer());
  options.precision = precision_of(settings);
  if (options.precision == train::Precision::bfloat16 && !io::bfloat16_is_faster()) {
    spdlog::warn(
        "stage '{}': float32 is faster on this processor; "
        "'precision: fastest' chooses",
        job.id);
  }
  options.optimizer.learning_rate = settings.at("learning_rate").real();
  options.optimizer.weight_decay = settings.at("weight_decay").real();
  options.optimizer.max_gradient_norm = settings.at("max_gradient_norm").real();
  options.schedule.kind = schedule_kind(settings.at("schedule").string());
  options.schedule.warmup_steps = settings.at("warmup_steps").integer();
  options.schedule.warmup_ratio = settings.at("warmup_ratio").real();
  options.evaluation.every_steps = settings.at("evaluate_every").integer();
  options.checkpoint.every_steps = settings.at("checkpoint_every").integer();
  options.checkpoint.every_minutes = settings.at("checkpoint_minutes").real();
  options.log_every_steps = settings.at("log_every").integer();
  options.tensorboard = settings.at("tensorboard").boolean();
  options.stop_requested = job.stop_requested;
  return options;
}

void check_batch_size(const StageRequest& request, const std::string& name, std::size_t rows) {
  const Value& groups = request.settings.at("groups");
  const std::int64_t instances = instances_of(request.pipeline);
  const auto largest = static_cast<std::int64_t>(rows) / instances;
  if (groups.integer() <= largest) return;
  config::Problems problems;
  const std::string found = fmt::format(
      "stages.{}.groups '{}' with {} instances each makes batches of {} rows, but data.{} has {}",
      request.settings.at("id").string(), groups.text, instances, groups.integer() * instances,
      name, rows);
  problems.add(groups.place, largest > 0
                                 ? fmt::format("{} - expected at most {} groups", found, largest)
                                 : fmt::format("{} - expected more data or fewer "
                                               "multiplexer.instances",
                                               found));
  problems.throw_if_any();
}

void check_step_size(const StageRequest& request, const std::string& name, std::size_t rows) {
  check_batch_size(request, name, rows);
  const Value& accumulation = request.settings.at("accumulation");
  const std::int64_t groups = request.settings.at("groups").integer();
  const std::int64_t instances = instances_of(request.pipeline);
  const std::int64_t batches = static_cast<std::int64_t>(rows) / (groups * instances);
  if (accumulation.integer() <= batches) return;
  config::Problems problems;
  problems.add(accumulation.place,
               fmt::format("stages.{}.accumulation '{}' - data.{} makes {} batches of {} groups "
                           "with {} instances each; expected at most as many, or fewer groups",
                           request.settings.at("id").string(), accumulation.text, name, batches,
                           groups, instances));
  problems.throw_if_any();
}

text::TrainingOrder training_order(const StageJob& job, std::int64_t instances) {
  text::TrainingOrder order;
  order.seed = static_cast<std::uint64_t>(job.pipeline.at("seed").integer());
  order.instances = static_cast<std::size_t>(instances);
  order.groups_per_batch = static_cast<std::size_t>(job.settings.at("groups").integer());
  order.bucket_by_length = job.settings.at("bucket_by_length").boolean();
  return order;
}

}  // namespace prumux::pipeline

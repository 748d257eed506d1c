#include "core/pipeline/stages/plugin_stage.h"

#include <spdlog/fmt/fmt.h>
#include <torch/utils.h>

#include <cmath>

#include "core/config/plugin_schema.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/methods.h"
#include "core/pipeline/stages/models.h"
#include "core/pipeline/stages/stage_context.h"
#include "core/plugin/error_context.h"
#include "prumux/error.h"

namespace prumux::pipeline {

std::vector<config::Field> PluginStage::fields() const {
  return config::fields_of(method_.descriptor->parameters, method_.descriptor->num_parameters);
}

std::vector<InputPort> PluginStage::input_ports() const {
  std::vector<InputPort> ports;
  if (has(PRUMUX_READS_MODEL)) {
    ports.push_back({.name = "from", .automatic = true, .help = "stage whose model it reads"});
  }
  if (has(PRUMUX_NEEDS_TEACHER)) {
    ports.push_back({.name = "teacher", .help = "stage whose model it learns from"});
  }
  return ports;
}

std::vector<std::string> PluginStage::data_names() const {
  std::vector<std::string> names;
  if (has(PRUMUX_READS_TRAINING_DATA)) names.emplace_back("train");
  if (has(PRUMUX_READS_HELD_OUT_DATA)) names.emplace_back("dev");
  return names;
}

std::shared_ptr<Stage> PluginStage::make(const config::Value& settings) const {
  return plugin::Registry::instance().make_stage(name(), {parameters_of(method_, settings)});
}

void PluginStage::plan(const StageRequest& request, Record& record,
                       config::Problems& problems) const {
  add_method(record, "stage", method_);
  if (has(PRUMUX_READS_MODEL)) add_start_model(record, request, problems);
  if (!data_names().empty()) add_task_data(record, request.pipeline, data_names(), problems);
  if (has(PRUMUX_NEEDS_TEACHER) && !request.inputs.contains("teacher")) {
    problems.add(request.settings.place,
                 fmt::format("stages.{}: the stage '{}' learns from a teacher - expected "
                             "'teacher: ID' of an earlier stage",
                             request.settings.at("id").string(), name()));
  }
  try {
    make(request.settings);
  } catch (const Error& problem) {
    problems.add(request.settings.place, problem.what());
  }
}

void PluginStage::check(const StageRequest& request) const {
  for (const std::string& data : data_names()) {
    open_task_data(request.pipeline, data, *start_tokenizer(request.pipeline));
  }
}

nlohmann::json PluginStage::run(const StageJob& job) const {
  torch::manual_seed(static_cast<std::uint64_t>(job.pipeline.at("seed").integer()));
  JobContext context(job, method_.descriptor->capabilities);
  const auto place = [&] {
    const std::string stage = fmt::format("stage '{}'", job.id);
    return context.step() < 0 ? stage : fmt::format("{}, step {}", stage, context.step());
  };
  return plugin::in_stage(place, [&] {
    nlohmann::json numbers = nlohmann::json::object();
    for (const auto& [number, value] : make(job.settings)->run(context)) {
      if (!std::isfinite(value)) {
        throw NumericError(fmt::format("{} returned '{}' as {}, which is no number",
                                       plugin::describe(method_), number, value));
      }
      numbers[number] = value;
    }
    if (produces_model() && !context.saved()) {
      throw PluginError(plugin::describe(method_) +
                        " left no model, which its descriptor promises; report it to its author");
    }
    return numbers;
  });
}

}  // namespace prumux::pipeline

#include "core/pipeline/stages/plugin_metrics.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "core/pipeline/stages/methods.h"
#include "core/runtime/evaluate.h"
#include "core/runtime/row_source.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using config::Value;

std::shared_ptr<Metric> make_metric(const Value& entry, const text::Task& task) {
  plugin::Registry& registry = plugin::Registry::instance();
  const std::string& name = entry.at("method").string();
  const plugin::Method& method = registry.find(PRUMUX_METRIC, name);
  return registry.make_metric(
      name, {task.name, task.is_regression, parameters_of(method, entry.at("params"))});
}

at::Tensor labels_of(const text::Dataset& dataset) {
  std::vector<double> labels;
  for (std::size_t row = 0; row < dataset.size(); ++row) labels.push_back(dataset.label(row));
  return at::tensor(labels, at::kDouble).to(dataset.is_regression() ? at::kFloat : at::kLong);
}

}  // namespace

config::Field metrics_field() {
  return {.name = "metrics",
          .type = config::Type::list,
          .default_value = "[]",
          .help = "scores that plugins give beside the task's own",
          .element = config::element(method_field("", PRUMUX_METRIC, "metric of a plugin"))};
}

void add_metrics(Record& record, const Value& settings, const text::Task& task,
                 config::Problems& problems) {
  for (const Value& entry : settings.at("metrics").items) {
    const Value& name = entry.at("method");
    const plugin::Method* method = find_method(PRUMUX_METRIC, name, problems);
    if (method == nullptr) continue;
    add_method(record, "metric " + name.string(), *method);
    if (task.labels_words) {
      problems.add(name.place,
                   fmt::format("metrics '{}' - expected none: task {} labels words, and "
                               "metrics of plugins are for whole texts",
                               name.text, task.name));
      continue;
    }
    try {
      make_metric(entry, task);
    } catch (const Error& problem) {
      problems.add(name.place, problem.what());
    }
  }
}

text::Scores plugin_scores(const Value& settings, const text::Task& task,
                           const std::shared_ptr<model::Model>& model,
                           const runtime::EngineOptions& options, const text::Dataset& dataset,
                           const std::vector<std::int64_t>& groupings) {
  const std::vector<Value>& entries = settings.at("metrics").items;
  if (entries.empty()) return {};
  const runtime::Engine engine(model, options);
  const at::Tensor labels = labels_of(dataset);
  std::vector<text::Scores> scores;
  for (const std::int64_t grouping : groupings) {
    const at::Tensor logits =
        engine.logits(runtime::DatasetRows(dataset), grouping).to(at::kCPU, at::kFloat);
    text::Scores& of_grouping = scores.emplace_back();
    for (const Value& entry : entries) {
      const std::string& name = entry.at("method").string();
      const double score = make_metric(entry, task)->score(logits, labels);
      if (!std::isfinite(score)) {
        throw NumericError(fmt::format("the metric '{}' is {}, which is no number", name, score));
      }
      of_grouping[name] = score;
    }
  }
  return runtime::mean_of(scores);
}

}  // namespace prumux::pipeline

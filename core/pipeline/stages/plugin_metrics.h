#pragma once

#include <memory>
#include <vector>

#include "core/config/problems.h"
#include "core/config/schema.h"
#include "core/config/value.h"
#include "core/pipeline/record.h"
#include "core/runtime/engine.h"
#include "core/text/dataset.h"
#include "core/text/metrics.h"
#include "core/text/task.h"

namespace prumux::pipeline {

/// The setting `metrics: [{method: ..., params: {...}}]`: what plugins score beside the task's own.
config::Field metrics_field();

/// Adds the plugins, and reports metrics that refuse the task or their parameters.
void add_metrics(Record& record, const config::Value& settings, const text::Task& task,
                 config::Problems& problems);

/// Every metric's score of the model on the data, the mean over the groupings, by its method.
text::Scores plugin_scores(const config::Value& settings, const text::Task& task,
                           const std::shared_ptr<model::Model>& model,
                           const runtime::EngineOptions& options, const text::Dataset& dataset,
                           const std::vector<std::int64_t>& groupings);

}  // namespace prumux::pipeline

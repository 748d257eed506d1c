#pragma once

#include <string>
#include <vector>

#include "core/config/schema.h"
#include "core/config/value.h"
#include "core/pipeline/stage_kind.h"
#include "core/text/sampler.h"
#include "core/train/options.h"

namespace prumux::pipeline {

/// Settings that all the training stages share.
std::vector<config::Field> training_fields();

/// Those of them that say how to train, not what comes out.
std::vector<std::string> irrelevant_training_settings();

/// Chooses what `precision: fastest` is on this machine.
void resolve_training_settings(config::Value& settings);

train::Precision precision_of(const config::Value& settings);
train::TrainingOptions training_options(const StageJob& job);

/// Throws `ConfigError` when `rows`, how many `data.<name>` has, are too few for one batch.
void check_batch_size(const StageRequest& request, const std::string& name, std::size_t rows);

/// Also when they are too few for the batches of one optimiser step.
void check_step_size(const StageRequest& request, const std::string& name, std::size_t rows);

text::TrainingOrder training_order(const StageJob& job, std::int64_t instances);

}  // namespace prumux::pipeline

#pragma once

#include <filesystem>
#include <memory>

#include "core/config/problems.h"
#include "core/config/value.h"
#include "core/model/model.h"
#include "core/pipeline/record.h"
#include "core/pipeline/stage_kind.h"
#include "core/text/tokenizer.h"

namespace prumux::pipeline {

/// A model with the tokenizer that it was trained with.
struct TokenModel {
  std::shared_ptr<model::Model> model;
  std::shared_ptr<const text::Tokenizer> tokenizer;
};

std::int64_t instances_of(const config::Value& pipeline);

/// Adds what determines the model that the sections `model` and `multiplexer` describe, unless the
/// stage starts from another stage's; reports what does not fit together.
void add_start_model(Record& record, const StageRequest& request, config::Problems& problems);

/// Adds what determines the model of `model.from`; reports what it lacks.
void add_stored_model(Record& record, const config::Value& pipeline, config::Problems& problems);

/// Reports the setting `name` when its `length` is more tokens than the described model has
/// positions for. A model that cannot be made is left to `add_start_model`.
void check_length(const std::string& name, const config::Value& length,
                  const config::Value& pipeline, config::Problems& problems);

/// The tokenizer of the model that the sections describe; all stages of a pipeline share it.
std::shared_ptr<const text::Tokenizer> start_tokenizer(const config::Value& pipeline);

/// The model of the stage under port `from`, or the one that the sections describe, its fresh
/// weights drawn from libtorch's default generator.
TokenModel start_model(const StageJob& job);

/// The model of the stage under `port`; null when it is not connected.
std::shared_ptr<model::Model> input_model(const StageJob& job, const std::string& port);

/// Writes model and tokenizer as `folder`/model, in one step.
void save(const TokenModel& model, const std::filesystem::path& folder);

/// Share of the parameters of attention and feed-forward blocks (weights and biases) that the
/// dense architecture has and the model has not.
double sparsity_of(const model::Model& model);

}  // namespace prumux::pipeline

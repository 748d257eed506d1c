#pragma once

#include <string>
#include <vector>

#include "core/config/problems.h"
#include "core/config/schema.h"
#include "core/config/value.h"
#include "core/pipeline/record.h"
#include "core/plugin/registry.h"
#include "core/prediction/model_factory.h"
#include "prumux/descriptor.h"
#include "prumux/parameters.h"

namespace prumux::pipeline {

/// The plugin's method called `name`; reports at its place when there is none.
const plugin::Method* find_method(PrumuxKind kind, const config::Value& name,
                                  config::Problems& problems);

/// The field `params`, checked against the schema of the method.
config::Field params_field(const plugin::Method& method);

/// The same where no method says what they are.
config::Field unchecked_params();

/// For each method of a kind: `fields`, of which the first names the method, and its `params`.
std::vector<std::vector<config::Field>> method_variants(PrumuxKind kind,
                                                        const std::vector<config::Field>& fields);

/// The field `name: {method: ..., params: {...}}`.
config::Field method_field(const std::string& name, PrumuxKind kind, const std::string& help);

/// Adds the plugin's name and version; the parameters are in the settings.
void add_method(Record& record, const std::string& name, const plugin::Method& method);

/// What the method receives, from its validated `params`.
Parameters parameters_of(const plugin::Method& method, const config::Value& params);

/// Makes the performance model of a validated `{method: ..., params: ...}`.
prediction::ModelFactory model_factory(const config::Value& section);

}  // namespace prumux::pipeline

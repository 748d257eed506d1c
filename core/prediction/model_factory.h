#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "prumux/performance_model.h"

namespace prumux::prediction {

/// Makes an unfitted model of the given quantity. Called many times: each fit gets its own model.
using ModelFactory = std::function<std::shared_ptr<PerformanceModel>(Quantity)>;

/// Models of the plugin method `name`; `parameters` as texts, as a pipeline writes them. Throws
/// `ConfigError` at once when there is no such method, or a parameter is not of its schema.
ModelFactory plugin_models(const std::string& name,
                           const std::vector<std::pair<std::string, std::string>>& parameters = {});

}  // namespace prumux::prediction

#pragma once

#include <string>

#include "prumux/performance_model.h"

namespace prumux::predictors {

/// "accuracy" or "throughput".
const char* name_of(Quantity quantity);

/// "instances 2, sparsity 0.6".
std::string describe(const Configuration& configuration);

/// Throws `DataError` when an observed value cannot be one of `quantity`.
void check_value(Quantity quantity, const Configuration& configuration, double value);

/// Throughputs are modelled by their logarithms, since compression multiplies them.
double to_modelled(Quantity quantity, double value);

/// The inverse; accuracies are limited to [0, 1].
double from_modelled(Quantity quantity, double value);

}  // namespace prumux::predictors

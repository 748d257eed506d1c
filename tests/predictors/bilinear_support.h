#pragma once

#include <string>
#include <vector>

#include "bilinear.h"
#include "completed_grid.h"

namespace prumux::predictors {

inline PerformanceModelArguments arguments(Quantity quantity = Quantity::accuracy,
                                           const std::string& outside = "extrapolate") {
  PerformanceModelArguments result;
  result.quantity = quantity;
  result.parameters.set("outside", outside);
  return result;
}

inline Configuration at(double instances, double sparsity) {
  return {{"instances", instances}, {"sparsity", sparsity}};
}

inline Bilinear fitted(const std::vector<Observation>& observations,
                       Quantity quantity = Quantity::accuracy,
                       const std::string& outside = "extrapolate") {
  Bilinear model(arguments(quantity, outside));
  model.fit(observations);
  return model;
}

}  // namespace prumux::predictors

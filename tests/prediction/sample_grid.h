#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bilinear.h"
#include "core/prediction/grid.h"
#include "core/prediction/model_factory.h"

namespace prumux::prediction {

inline ModelFactory bilinear_models() {
  return [](Quantity quantity) -> std::shared_ptr<PerformanceModel> {
    PerformanceModelArguments arguments;
    arguments.quantity = quantity;
    arguments.parameters.set("outside", std::string("extrapolate"));
    return std::make_shared<predictors::Bilinear>(arguments);
  };
}

/// A grid that is small enough to be worked by hand. Without itself, from its line:
///   (2, .6) .90   (2, .7) .88    (2, .8) .86   all exact
///   (5, .6) .82   (5, .7) .855   (5, .8) .79   all wrong by .025 or .05
inline std::vector<GridRow> sample_rows(const std::string& task) {
  return {{task, {1, 0.0}, {0.93, 100}}, {task, {2, 0.6}, {0.90, 200}},
          {task, {2, 0.7}, {0.88, 250}}, {task, {2, 0.8}, {0.86, 400}},
          {task, {5, 0.6}, {0.87, 400}}, {task, {5, 0.7}, {0.83, 500}},
          {task, {5, 0.8}, {0.84, 625}}};
}

inline Grid sample_grid() { return Grid(sample_rows("a")); }

}  // namespace prumux::prediction

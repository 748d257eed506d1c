#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "completed_grid.h"
#include "prumux/performance_model.h"

namespace prumux::predictors {

/// Auto-PruMUX's interpolation over `instances` and `sparsity` (spec 11.1), the only dimensions
/// that it accepts: `CompletedGrid` of the accuracy, or of the logarithm of the throughput.
/// Repeated measurements of a configuration are averaged; a measured configuration is predicted
/// exactly. A prediction from outside of the measurements has the flag `extrapolated`, also when
/// the parameter `outside` is `clamp` and the nearest value inside is returned. Predicted
/// accuracies are limited to [0, 1].
class Bilinear : public PerformanceModel {
 public:
  explicit Bilinear(const PerformanceModelArguments& arguments);

  void fit(const std::vector<Observation>& observations) override;
  Prediction predict(const Configuration& configuration) const override;
  std::string save() const override;
  void load(const std::string& text) override;

 private:
  void check_value(const Configuration& configuration, double value) const;
  double to_fitted(double value) const;
  double from_fitted(double value) const;

  Quantity quantity_;
  bool clamp_;
  std::map<Point, double> measured_;
  std::optional<CompletedGrid> grid_;
};

}  // namespace prumux::predictors
